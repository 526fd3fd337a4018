import { Array, Integer, Literal, Object, Optional, type Static, String, Union, Unsafe } from 'typebox'
import { Camera, CameraId, CameraStatus, IsoTime } from '../model/camera.ts'
import { ErrorMessage } from '../protocol/messages.ts'
import { cameraTopics } from './cameras.ts'
import type { Topic } from './define.ts'

/** Everything that is told, by kind. */
export const topics = { ...cameraTopics } as const satisfies Record<string, Topic>
export type TopicKind = keyof typeof topics

/** Kinds and cameras that one reader may name. */
export const MAX_FILTER_ITEMS = 64

/** A number that grows by one with each event that is kept. */
export const EventId = Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** What can be listened for. */
export const EventKind = Unsafe<TopicKind>(Union(globalThis.Object.keys(topics).map((kind) => Literal(kind))))

const event = <K extends TopicKind>(kind: K) =>
  Object({
    type: Literal('event'),
    /** None: of the moment; it is not kept and not told again. */
    id: Optional(EventId),
    at: IsoTime,
    kind: Literal(kind),
    topic: String(),
    camera: CameraId,
    payload: topics[kind].payload as (typeof topics)[K]['payload'],
  })

/** Something that happened. */
export const Event = Union([event('camera.created'), event('camera.changed'), event('camera.removed'), event('camera.status')])

/** What is now, of all that the reader may see and asked for; it replaces what was told. `last`: the event up to which it is known. */
export const Snapshot = Object({ type: Literal('snapshot'), last: EventId, cameras: Array(Camera), status: Array(CameraStatus) })

/** Events after `after` and up to `before` are not kept any more; or, where `after` is the larger one, are not known here. */
export const Gap = Object({ type: Literal('gap'), after: EventId, before: EventId })

/** A message of `/ws/events`, and the data of one of `/api/v1/events`; `error`: why the socket closes. */
export const FeedMessage = Union([Snapshot, Gap, ErrorMessage, ...Event.anyOf])
export type Snapshot = Static<typeof Snapshot>
export type Gap = Static<typeof Gap>
export type Event = Static<typeof Event>
export type FeedMessage = Static<typeof FeedMessage>

/** The topic of a kind for a camera: `porthole.camera.azalea.status`. */
export const topicOf = (kind: TopicKind, camera: string): string => topics[kind].name.replace('<id>', camera)
