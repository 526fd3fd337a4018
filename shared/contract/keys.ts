import { Null, Object, Optional } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { Key, KeyId, KeyName, NewKey } from '../model/key.ts'
import { UserRole } from '../model/session.ts'
import { UserName } from '../model/user.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

export const keyProcedures = {
  'porthole.key.list': procedure({
    method: 'GET',
    path: '/keys',
    role: 'viewer',
    notByKey: true,
    summary: 'Keys that stand for users, without their secret: yours; for owners, everybody’s.',
    input: listInput({}),
    output: listOutput('keys', Key),
    status: 200,
    errors: [],
  }),
  'porthole.key.create': procedure({
    method: 'POST',
    path: '/keys',
    role: 'viewer',
    notByKey: true,
    summary: 'Make a key that stands for you (as an owner, for any user), with no more than a role. It is shown once.',
    input: Object(
      {
        name: KeyName,
        role: Optional(UserRole),
        user: Optional({ ...UserName, description: 'Whose it is; yours unless told.' }),
      },
      strict,
    ),
    output: NewKey,
    toldOnce: true,
    status: 201,
    errors: ['user.unknown', 'server.limit'],
  }),
  'porthole.key.rotate': procedure({
    method: 'POST',
    path: '/keys/:key/rotate',
    role: 'viewer',
    notByKey: true,
    summary: 'Give a key another secret. What the old one has open ends at once.',
    input: Object({ key: KeyId }, strict),
    output: NewKey,
    toldOnce: true,
    status: 200,
    errors: ['key.unknown'],
  }),
  'porthole.key.delete': procedure({
    method: 'DELETE',
    path: '/keys/:key',
    role: 'viewer',
    notByKey: true,
    summary: 'Take a key back. What it has open ends at once.',
    input: Object({ key: KeyId }, strict),
    output: Null(),
    status: 204,
    errors: ['key.unknown'],
  }),
  'porthole.publish_key.list': procedure({
    method: 'GET',
    path: '/cameras/:id/keys',
    role: 'operator',
    camera: 'manage',
    summary: 'Keys that feed a camera, without their secret.',
    input: listInput({ id: CameraId }),
    output: listOutput('keys', Key),
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
  'porthole.publish_key.create': procedure({
    method: 'POST',
    path: '/cameras/:id/keys',
    role: 'operator',
    camera: 'manage',
    summary: 'Make a key that feeds this camera and does nothing else. It is shown once.',
    input: Object({ id: CameraId, name: Optional(KeyName) }, strict),
    output: NewKey,
    toldOnce: true,
    status: 201,
    errors: ['camera.unknown', 'camera.deleted', 'server.limit'],
  }),
  'porthole.publish_key.rotate': procedure({
    method: 'POST',
    path: '/cameras/:id/keys/:key/rotate',
    role: 'operator',
    camera: 'manage',
    summary: 'Give a key that feeds this camera another secret. What the old one feeds ends at once.',
    input: Object({ id: CameraId, key: KeyId }, strict),
    output: NewKey,
    toldOnce: true,
    status: 200,
    errors: ['camera.unknown', 'camera.deleted', 'key.unknown'],
  }),
  'porthole.publish_key.delete': procedure({
    method: 'DELETE',
    path: '/cameras/:id/keys/:key',
    role: 'operator',
    camera: 'manage',
    summary: 'Take a key back that feeds this camera. What it feeds ends at once.',
    input: Object({ id: CameraId, key: KeyId }, strict),
    output: Null(),
    status: 204,
    errors: ['camera.unknown', 'camera.deleted', 'key.unknown'],
  }),
}
