import { Integer, Object, String, type TSchema } from 'typebox'
import type { CameraAct } from '../model/access.ts'
import { CameraId, IsoTime } from '../model/camera.ts'
import type { Role } from '../model/session.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import { feedQuery } from './events.ts'

/** What streams in or out, and is therefore asked by HTTP alone. */
export interface Stream {
  readonly method: 'GET' | 'PUT'
  /** All of it. */
  readonly path: string
  readonly role: Role
  /** What it does to the camera of its path. */
  readonly camera?: CameraAct
  readonly summary: string
  readonly params?: TSchema
  readonly query?: TSchema
  /** Media type of the body. */
  readonly takes?: string
  /** Media type of the answer; its schema, where it is JSON. */
  readonly gives: string
  readonly output?: TSchema
  readonly status: 200 | 201
  readonly errors: readonly ErrorCode[]
}

const ofCamera = { params: Object({ camera: CameraId }), errors: ['camera.unknown', 'camera.deleted', 'camera.offline'] } as const

export const streams = {
  'porthole.event.stream': {
    method: 'GET',
    path: '/api/v1/events',
    role: 'viewer',
    summary:
      'Events as they happen, as server-sent events: first a snapshot, or, with Last-Event-ID or `after`, what was missed and then a snapshot.',
    query: feedQuery,
    gives: 'text/event-stream',
    status: 200,
    errors: ['camera.unknown', 'server.limit'],
  },
  'porthole.server.openapi': {
    method: 'GET',
    path: '/api/v1/openapi.json',
    role: 'viewer',
    summary: 'This API as an OpenAPI 3.1 document.',
    gives: 'application/json',
    output: Object({ openapi: String() }),
    status: 200,
    errors: [],
  },
  'porthole.camera.upload': {
    method: 'PUT',
    path: '/upload/:camera',
    role: 'operator',
    camera: 'feed',
    summary: 'Show a picture: a JPEG, handled as it arrives.',
    takes: 'image/jpeg',
    gives: 'application/json',
    output: Object({ camera: CameraId, time: IsoTime, bytes: Integer(), width: Integer(), height: Integer() }),
    status: 201,
    ...ofCamera,
    errors: ['camera.unknown', 'camera.deleted', 'camera.source', 'request.timeout'],
  },
  'porthole.camera.picture': {
    method: 'GET',
    path: '/live/:camera.jpg',
    role: 'viewer',
    camera: 'watch',
    summary: 'The picture of now.',
    gives: 'image/jpeg',
    status: 200,
    ...ofCamera,
  },
  'porthole.camera.motion_jpeg': {
    method: 'GET',
    path: '/live/:camera.mjpeg',
    role: 'viewer',
    camera: 'watch',
    summary: 'Pictures one after the other, for whatever shows motion JPEG.',
    gives: 'multipart/x-mixed-replace',
    status: 200,
    ...ofCamera,
  },
} as const satisfies Record<string, Stream>

export type StreamName = keyof typeof streams

/** What its route says of who may ask. */
export const declared = ({ role, camera }: Stream): Pick<Stream, 'role' | 'camera'> => ({ role, ...(camera && { camera }) })
