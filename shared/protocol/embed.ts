import { Boolean, Integer, Literal, Null, Object, Optional, type Static, String, type TSchema, Union } from 'typebox'
import { ERRORS, type ErrorCode } from './errors.ts'
import { MAX_NAME_CHARS } from './limits.ts'

/**
 * What a page and the frame `/embed/:token` in it say to each other by `postMessage`; docs/embed.md. Each message is an object with
 * `porthole: 1` and a `type`. The frame speaks to nobody before its parent said `hello`, and answers that origin alone.
 */
const strict = { additionalProperties: false } as const
const message = <T extends string, P extends Record<string, TSchema>>(type: T, fields: P) =>
  Object({ porthole: Literal(1), type: Literal(type), ...fields }, strict)

const Id = Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** From the page. */
export const ToFrame = Union([
  /** Tells the frame whom to answer; it says `ready` or its state at once. */
  message('hello', {}),
  message('play', {}),
  message('pause', {}),
  message('muted', { muted: Boolean() }),
  message('camera', { camera: String({ maxLength: 64 }) }),
  /** Answered by `snapshot` with the same id. */
  message('snapshot', { id: Id }),
])

/** From the frame; `snapshot` carries a Blob besides. */
export const FromFrame = Union([
  /** What is shown; again when the name changes. */
  message('ready', { name: String({ maxLength: MAX_NAME_CHARS }) }),
  message('state', {
    state: Union([
      Literal('paused'),
      Literal('connecting'),
      Literal('waiting'),
      Literal('live'),
      Literal('behind'),
      Literal('offline'),
      Literal('ended'),
    ]),
    /** Milliseconds from capture to drawing. */
    age: Union([Integer({ minimum: 0 }), Null()]),
    muted: Boolean(),
    width: Integer({ minimum: 0 }),
    height: Integer({ minimum: 0 }),
  }),
  /** Frames that were lost since the last one. */
  message('gap', { frames: Integer({ minimum: 1 }) }),
  message('error', { code: Union((globalThis.Object.keys(ERRORS) as ErrorCode[]).map((code) => Literal(code))), message: String() }),
  /** `error` when there was no picture; else the message has a `blob`, image/jpeg. */
  message('snapshot', { id: Id, error: Optional(Boolean()) }),
])

export type ToFrame = Static<typeof ToFrame>
export type FromFrame = Static<typeof FromFrame>
