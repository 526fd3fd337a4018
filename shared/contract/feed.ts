import { Array, Literal, Object, type Static, Union } from 'typebox'
import { Camera, CameraStatus } from '../model/camera.ts'
import { ErrorMessage } from '../protocol/messages.ts'
import { cameraTopics } from './cameras.ts'

const strict = { additionalProperties: false } as const

/** The first message on `/ws/events`, and again when what its user may watch changes: it replaces all that was told. */
export const Snapshot = Object({ type: Literal('snapshot'), cameras: Array(Camera), status: Array(CameraStatus) }, strict)

/** Every later one: a topic and its payload; or why the socket closes. */
export const FeedMessage = Union([
  Snapshot,
  ErrorMessage,
  Object(
    { type: Literal('event'), topic: Literal('porthole.camera.changed'), payload: cameraTopics['porthole.camera.changed'].payload },
    strict,
  ),
  Object(
    { type: Literal('event'), topic: Literal('porthole.camera.removed'), payload: cameraTopics['porthole.camera.removed'].payload },
    strict,
  ),
  Object(
    { type: Literal('event'), topic: Literal('porthole.camera.status'), payload: cameraTopics['porthole.camera.status'].payload },
    strict,
  ),
])
export type Snapshot = Static<typeof Snapshot>
export type FeedMessage = Static<typeof FeedMessage>
