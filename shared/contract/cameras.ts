import { Integer, Object, Optional } from 'typebox'
import { Camera, CameraId, CameraName, CameraSource, CameraStatus, IsoTime } from '../model/camera.ts'
import { procedure, topic } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

/** Seconds a camera may be made for: a minute to ten years. */
const ExpiresIn = Integer({ minimum: 60, maximum: 10 * 366 * 86_400, description: 'Seconds until it is deleted; without, it stays.' })

export const cameraProcedures = {
  'porthole.camera.list': procedure({
    method: 'GET',
    path: '/cameras',
    role: 'viewer',
    summary: 'All cameras you may see.',
    input: listInput({}),
    output: listOutput('cameras', Camera),
    status: 200,
    errors: [],
  }),
  'porthole.camera.create': procedure({
    method: 'POST',
    path: '/cameras',
    role: 'operator',
    summary: 'Make a camera server.',
    input: Object(
      {
        id: Optional({ ...CameraId, description: 'Made of the name unless told; never used again.' }),
        name: CameraName,
        source: CameraSource,
        expiresIn: Optional(ExpiresIn),
      },
      strict,
    ),
    output: Camera,
    status: 201,
    at: ({ id }) => `/cameras/${id}`,
    errors: ['camera.exists'],
  }),
  'porthole.camera.get': procedure({
    method: 'GET',
    path: '/cameras/:id',
    role: 'viewer',
    camera: 'watch',
    summary: 'One camera.',
    input: Object({ id: CameraId }, strict),
    output: Camera,
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
  'porthole.camera.update': procedure({
    method: 'PATCH',
    path: '/cameras/:id',
    role: 'operator',
    camera: 'manage',
    changes: 'porthole.camera.get',
    summary: 'Rename a camera or give it another time to live.',
    input: Object({ id: CameraId, name: Optional(CameraName), expiresIn: Optional(ExpiresIn) }, strict),
    output: Camera,
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
  'porthole.camera.delete': procedure({
    method: 'DELETE',
    path: '/cameras/:id',
    role: 'operator',
    camera: 'manage',
    changes: 'porthole.camera.get',
    summary: 'Delete a camera: its publisher and viewers end at once. Undo is possible until `undoUntil`.',
    input: Object({ id: CameraId }, strict),
    output: Object({ id: CameraId, undoUntil: IsoTime }),
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
  'porthole.camera.restore': procedure({
    method: 'POST',
    path: '/cameras/:id/restore',
    role: 'operator',
    camera: 'manage',
    summary: 'Undo a deletion.',
    input: Object({ id: CameraId }, strict),
    output: Camera,
    status: 200,
    errors: ['camera.unknown', 'camera.undo'],
  }),
  'porthole.camera.status': procedure({
    method: 'GET',
    path: '/cameras/:id/status',
    role: 'viewer',
    camera: 'watch',
    summary: 'Whether the camera sends, and who watches.',
    input: Object({ id: CameraId }, strict),
    output: CameraStatus,
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
}

/** By kind. */
export const cameraTopics = {
  'camera.created': topic({
    name: 'porthole.camera.<id>.created',
    role: 'viewer',
    summary: 'A camera was made, or brought back.',
    payload: Camera,
  }),
  'camera.changed': topic({
    name: 'porthole.camera.<id>.changed',
    role: 'viewer',
    summary: 'A camera has another name, owner or time to live.',
    payload: Camera,
  }),
  'camera.removed': topic({
    name: 'porthole.camera.<id>.removed',
    role: 'viewer',
    summary: 'A camera was deleted or expired.',
    payload: Object({ id: CameraId }),
  }),
  'camera.status': topic({
    name: 'porthole.camera.<id>.status',
    role: 'viewer',
    summary: 'A camera sends now, or does not any more; without an id, when only the number of viewers changed.',
    payload: CameraStatus,
  }),
}
