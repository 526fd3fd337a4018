import { Boolean, Integer, Literal, Null, Object, Optional, type Static, String, Union } from 'typebox'
import { MAX_ID_CHARS, MAX_NAME_CHARS } from '../protocol/limits.ts'

const strict = { additionalProperties: false } as const

/** A slug; never used again after the camera is gone. */
export const CameraId = String({ minLength: 1, maxLength: MAX_ID_CHARS, pattern: '^[a-z0-9](?:[a-z0-9\\-]*[a-z0-9])?$' })
/** No control characters, no space at the ends; markup is allowed because nobody renders it as such. */
export const CameraName = String({ minLength: 1, maxLength: MAX_NAME_CHARS, pattern: '^[^\\p{Cc}\\s](?:[^\\p{Cc}]*[^\\p{Cc}\\s])?$' })
export const IsoTime = String({ format: 'date-time' })
/** A time that somebody says: with a date, and how far from UTC (RFC 3339 §5.6). */
export const SaidTime = String({
  format: 'date-time',
  maxLength: 40,
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+\\-][0-9]{2}:[0-9]{2})$',
})

/** What feeds a camera. Later kinds (rtsp, rtmp, mjpeg, agent) join this union. */
export const CameraSource = Union([
  Object({ kind: Literal('browser') }, strict),
  Object({ kind: Literal('demo') }, strict),
  Object({ kind: Literal('upload') }, strict),
])

export const CameraState = Union([Literal('live'), Literal('offline')])

export const Camera = Object({
  id: CameraId,
  name: CameraName,
  owner: String(),
  source: CameraSource,
  createdAt: IsoTime,
  expiresAt: Union([IsoTime, Null()]),
  /** Of a phone on a stage: it goes with the phone, for good, and has no keys or grants of its own. */
  temporary: Optional(Literal(true)),
})

export const CameraStatus = Object({
  id: CameraId,
  state: CameraState,
  /** When the state began. */
  since: IsoTime,
  /** Somebody feeds it, though nothing may be encoded while nobody watches. */
  publishing: Boolean(),
  viewers: Integer({ minimum: 0 }),
})

export type Camera = Static<typeof Camera>
export type CameraSource = Static<typeof CameraSource>
export type CameraStatus = Static<typeof CameraStatus>
