import { Array, Boolean, Integer, Literal, Null, Object, Optional, type Static, String, type TSchema, Union } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { MAX_LABEL_CHARS, MAX_SHARE_CAMERAS } from '../model/share.ts'
import { ERRORS, type ErrorCode } from './errors.ts'
import { MAX_CODEC_CHARS, MAX_NAME_CHARS, MAX_SIDE_PIXELS } from './limits.ts'

/**
 * The JSON text messages of the live and publish sockets, both directions. PROTOCOL.md §5.
 * Every message is an object with a `type`; fields that are not named here are refused.
 */
const strict = { additionalProperties: false } as const
const message = <T extends string, P extends Record<string, TSchema>>(type: T, fields: P) =>
  Object({ type: Literal(type), ...fields }, strict)

const U32 = { minimum: 0, maximum: 0xffff_ffff }
/** Microseconds since the Unix epoch, or of any clock in `t0`. */
const Time = Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Epoch = Integer(U32)
const Sequence = Integer(U32)
const Side = Integer({ minimum: 1, maximum: MAX_SIDE_PIXELS })
const Codec = String({ minLength: 1, maxLength: MAX_CODEC_CHARS, pattern: '^[A-Za-z0-9.\\-]+$' })
const Layer = Integer({ minimum: 0, maximum: 3 })

export const RenditionSchema = Union([Literal('full'), Literal('thumb'), Literal('picture')])

/** What the frames of an epoch are; comes before the first of them. */
export const VideoConfig = message('config', {
  epoch: Epoch,
  kind: Literal('video'),
  rendition: Union([Literal('full'), Literal('thumb')]),
  /** WebCodecs codec string; H.264 is Annex B. */
  codec: Codec,
  width: Side,
  height: Side,
  /** Temporal layers, 1 to 3. */
  layers: Integer({ minimum: 1, maximum: 3 }),
})
export const AudioConfig = message('config', {
  epoch: Epoch,
  kind: Literal('audio'),
  rendition: Literal('full'),
  codec: Codec,
  sampleRate: Integer({ minimum: 8000, maximum: 192_000 }),
  channels: Integer({ minimum: 1, maximum: 8 }),
})
export const PictureConfig = message('config', {
  epoch: Epoch,
  kind: Literal('picture'),
  rendition: Literal('picture'),
  codec: Literal('jpeg'),
  width: Side,
  height: Side,
})

/** Clock probe: the answer repeats `t0` and adds `t1`, the server's clock when it answered. */
const ClockQuestion = message('clock', { t0: Time })
const ClockAnswer = message('clock', { t0: Time, t1: Time })
/** Link probe of the server: comes after padding; the answer repeats it at once. */
const Ping = message('ping', { id: Integer(U32) })
const Pong = message('pong', { id: Integer(U32) })
const KeyRequest = message('key', { rendition: Union([Literal('full'), Literal('thumb')]) })
/** Why the connection is being closed; on every socket. */
export const ErrorMessage = message('error', {
  code: Union((globalThis.Object.keys(ERRORS) as ErrorCode[]).map((code) => Literal(code))),
  message: String({ maxLength: 1024 }),
})

/** What a viewer wants to see; the first message of a viewer, and again at each change. */
const Watch = message('watch', {
  rendition: RenditionSchema,
  audio: Boolean(),
  /** Nothing is sent until the next `watch` without it. */
  paused: Optional(Boolean()),
})

/** Whether the camera sends, and since when (µs). */
const State = message('state', {
  state: Union([Literal('live'), Literal('offline')]),
  since: Time,
  name: String({ maxLength: MAX_NAME_CHARS }),
  /** Whether there is sound to ask for. */
  audio: Boolean(),
})
/** What the link is thought to carry: a viewer that gets less than it asked for is behind. */
const Level = message('level', { rendition: RenditionSchema, layer: Layer, behind: Boolean() })
/** Frames that this viewer lost, up to and with sequence `to`. */
const Gap = message('gap', {
  from: Sequence,
  to: Sequence,
  frames: Integer(U32),
  /** layers: thinned, the picture went on. key: the picture stood still and resumes at a key frame. */
  kind: Union([Literal('layers'), Literal('key')]),
})

/** The first message on `/ws/share/:token`: which camera of the share (its first), and the passcode where it needs one. */
const Enter = message('enter', {
  camera: Optional(CameraId),
  passcode: Optional(String({ maxLength: 256 })),
  /** A viewer that was here before: its connection was lost. */
  again: Optional(Boolean()),
})
/** What the share shows: the answer to `enter`; from then on the socket speaks as a viewer's. */
const Shared = message('share', {
  label: String({ maxLength: MAX_LABEL_CHARS }),
  camera: CameraId,
  cameras: Array(Object({ id: CameraId, name: String({ maxLength: MAX_NAME_CHARS }) }, strict), { maxItems: MAX_SHARE_CAMERAS }),
  audio: Boolean(),
})

const offered = {
  renditions: Object({ full: Boolean(), thumb: Boolean(), picture: Boolean() }, strict),
  audio: Boolean(),
}
/** What a publisher can send changed: a microphone was turned on, an encoder failed. */
const Offer = message('offer', offered)
/** The first message of a publisher. */
const Publish = message('publish', {
  ...offered,
  /** Replace another publisher instead of being refused. */
  takeover: Boolean(),
  /** Names this publisher through its reconnects: it always replaces its own earlier connection. */
  instance: String({ minLength: 8, maxLength: 64, pattern: '^[A-Za-z0-9\\-]+$' }),
})
/** The publisher may send now. */
const Ready = message('ready', { camera: String({ maxLength: 64 }) })
/** What somebody wants now: `null` nobody, else the highest temporal layer that is needed. */
const Demand = message('demand', {
  full: Union([Layer, Null()]),
  thumb: Union([Layer, Null()]),
  picture: Boolean(),
  audio: Boolean(),
})

const Config = Union([VideoConfig, AudioConfig, PictureConfig])

export const FromViewer = Union([Watch, KeyRequest, ClockQuestion, Pong])
/** Before it is a viewer's. */
export const FromVisitor = Enter
export const ToViewer = Union([Shared, State, Config, Level, Gap, ClockAnswer, Ping, ErrorMessage])
export const FromPublisher = Union([Publish, Offer, Config, ClockQuestion])
export const ToPublisher = Union([Ready, Demand, KeyRequest, ClockAnswer, ErrorMessage])

export type VideoConfig = Static<typeof VideoConfig>
export type AudioConfig = Static<typeof AudioConfig>
export type PictureConfig = Static<typeof PictureConfig>
export type Config = Static<typeof Config>
export type Watch = Static<typeof Watch>
export type Publish = Static<typeof Publish>
export type Offer = Static<typeof Offer>
export type Demand = Static<typeof Demand>
export type Gap = Static<typeof Gap>
export type Enter = Static<typeof Enter>
export type Shared = Static<typeof Shared>
export type FromViewer = Static<typeof FromViewer>
export type ToViewer = Static<typeof ToViewer>
export type FromPublisher = Static<typeof FromPublisher>
export type ToPublisher = Static<typeof ToPublisher>
