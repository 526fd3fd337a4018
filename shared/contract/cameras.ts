import { Array, Integer, Object, Optional } from 'typebox'
import { Camera, CameraId, CameraName, CameraSource, CameraStatus, IsoTime } from '../model/camera.ts'
import { procedure, topic } from './define.ts'

const strict = { additionalProperties: false } as const

/** Seconds a camera may be made for: a minute to ten years. */
const ExpiresIn = Integer({ minimum: 60, maximum: 10 * 366 * 86_400 })

export const cameraProcedures = {
  'porthole.camera.list': procedure({
    method: 'GET',
    path: '/cameras',
    role: 'viewer',
    summary: 'All cameras you may see.',
    input: Object({}, strict),
    output: Object({ cameras: Array(Camera) }),
    status: 200,
    errors: [],
  }),
  'porthole.camera.create': procedure({
    method: 'POST',
    path: '/cameras',
    role: 'operator',
    summary: 'Make a camera server.',
    input: Object({ id: Optional(CameraId), name: CameraName, source: CameraSource, expiresIn: Optional(ExpiresIn) }, strict),
    output: Camera,
    status: 201,
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

export const cameraTopics = {
  'porthole.camera.changed': topic({ role: 'viewer', summary: 'A camera was made, changed or brought back.', payload: Camera }),
  'porthole.camera.removed': topic({ role: 'viewer', summary: 'A camera was deleted or expired.', payload: Object({ id: CameraId }) }),
  'porthole.camera.status': topic({ role: 'viewer', summary: "A camera's status changed.", payload: CameraStatus }),
}
