import type { Static, TSchema } from 'typebox'
import type { CameraAct } from '../model/access.ts'
import type { Role } from '../model/session.ts'
import type { ErrorCode } from '../protocol/errors.ts'

/**
 * One procedure of the API: the only place where its name, address, schemas and role stand. The REST route, the
 * client's call, OpenAPI and the tables of the docs are derived from it.
 */
export interface Procedure<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path under `/api/v1`, with `:name` for fields of the input that travel in the path. */
  readonly path: string
  readonly role: Role
  /** What it does to the one camera that `id` of its input names: who may not is told that there is none. */
  readonly camera?: CameraAct
  /** Whether a key may not ask it: a key could make itself more than it is, or outlive being taken back. */
  readonly notByKey?: true
  /** Fields that pass: what changes nothing else is not written down in the audit log. */
  readonly passing?: readonly string[]
  readonly summary: string
  /** An object schema: fields that the path does not name travel in the body (POST, PUT, PATCH) or the query. */
  readonly input: I
  readonly output: O
  /** What it tells while it goes on; over HTTP to who accepts text/event-stream. */
  readonly progress?: TSchema
  /** The procedure that gets what it changes, by those fields of the input that its path names: If-Match speaks of that answer. */
  readonly changes?: `porthole.${string}`
  /** Where what it made is, under `/api/v1`. */
  at?(output: Static<O>): string
  /** Fields of the output that move by themselves, and are no part of its ETag. */
  readonly volatile?: readonly string[]
  /** Its answer is told once, and is not left out for who prefers a minimal one. */
  readonly toldOnce?: true
  /** Bytes of its body; 64 KiB unless said. */
  readonly maxBodyBytes?: number
  /** Status of success. */
  readonly status: 200 | 201 | 204
  /** Codes it may answer with, beside those every procedure may (request.*, host.*, origin.*, auth.*, server.*). */
  readonly errors: readonly ErrorCode[]
}

export const procedure = <I extends TSchema, O extends TSchema>(definition: Procedure<I, O>): Procedure<I, O> => definition

/** One topic: what is told, to whom: to those of the role who may watch the camera of its name, at that moment. */
export interface Topic<S extends TSchema = TSchema> {
  /** With `<id>` for the camera. */
  readonly name: `porthole.camera.<id>.${string}`
  readonly role: Role
  readonly summary: string
  readonly payload: S
}

export const topic = <S extends TSchema>(definition: Topic<S>): Topic<S> => definition

/** One WebSocket address. */
export interface Socket {
  readonly path: string
  readonly role: Role
  /** What it does to the camera of its path. */
  readonly camera?: CameraAct
  /** What its address may say behind the path. */
  readonly query?: TSchema
  /** Pages of other sites may open it, as far as what its path names lets them; no cookie counts on it. */
  readonly embeds?: true
  readonly summary: string
}

export const API_PREFIX = '/api/v1'

export type Input<P> = P extends Procedure<infer I, TSchema> ? Static<I> : never
export type Output<P> = P extends Procedure<TSchema, infer O> ? Static<O> : never
export type Payload<T> = T extends Topic<infer S> ? Static<S> : never

/** Names of the path's parameters, in order. */
export const pathParameters = (path: string): string[] => [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] as string)
