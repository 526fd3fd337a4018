/**
 * Time is branded so that a duration in milliseconds cannot be handed to something that wants a point in time.
 * Points in time are microseconds since the Unix epoch on the server's clock (53 bits hold them until the year 2255).
 */
declare const unit: unique symbol

/** Microseconds since the Unix epoch. */
export type Micros = number & { readonly [unit]: 'µs since epoch' }
/** A duration in microseconds. */
export type MicrosSpan = number & { readonly [unit]: 'µs' }

export const micros = (value: number): Micros => value as Micros
export const microsSpan = (value: number): MicrosSpan => value as MicrosSpan

/** Milliseconds since the Unix epoch, as Date and performance.timeOrigin give them, to microseconds. */
export const microsFromMillis = (millis: number): Micros => Math.round(millis * 1000) as Micros

/** A point in time in the form of every API: ISO 8601, milliseconds, UTC. */
export const isoTime = (time: Micros): string => new Date(time / 1000).toISOString()

/** How much later `later` is than `earlier`, in milliseconds. */
export const millisBetween = (earlier: Micros, later: Micros): number => (later - earlier) / 1000
