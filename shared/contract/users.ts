import { Null, Object, Optional } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { UserRole } from '../model/session.ts'
import { Password, User, UserName } from '../model/user.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

export const userProcedures = {
  'porthole.user.list': procedure({
    method: 'GET',
    path: '/users',
    role: 'owner',
    summary: 'Everybody who may sign in.',
    input: listInput({}),
    output: listOutput('users', User),
    status: 200,
    errors: [],
  }),
  'porthole.user.create': procedure({
    method: 'POST',
    path: '/users',
    role: 'owner',
    notByKey: true,
    summary: 'Let somebody sign in: with this password, or without one by another checker of the configuration.',
    input: Object({ name: UserName, role: UserRole, password: Optional(Password) }, strict),
    output: User,
    status: 201,
    at: ({ name }) => `/users/${encodeURIComponent(name)}`,
    errors: ['user.exists'],
  }),
  'porthole.user.get': procedure({
    method: 'GET',
    path: '/users/:name',
    role: 'owner',
    summary: 'Somebody who may sign in.',
    input: Object({ name: UserName }, strict),
    output: User,
    status: 200,
    errors: ['user.unknown'],
  }),
  'porthole.user.update': procedure({
    method: 'PATCH',
    path: '/users/:name',
    role: 'owner',
    notByKey: true,
    changes: 'porthole.user.get',
    summary: 'Give a user another role or password. A new password ends their sessions; what a new role forbids ends at once.',
    input: Object({ name: UserName, role: Optional(UserRole), password: Optional(Password) }, strict),
    output: User,
    status: 200,
    errors: ['user.unknown', 'user.last'],
  }),
  'porthole.user.delete': procedure({
    method: 'DELETE',
    path: '/users/:name',
    role: 'owner',
    notByKey: true,
    changes: 'porthole.user.get',
    summary: 'Remove a user: sessions, keys and open sockets end at once, their cameras become yours.',
    input: Object({ name: UserName }, strict),
    output: Null(),
    status: 204,
    errors: ['user.unknown', 'user.last'],
  }),
}

export const grantProcedures = {
  'porthole.grant.list': procedure({
    method: 'GET',
    path: '/cameras/:id/grants',
    role: 'operator',
    camera: 'manage',
    summary: 'Who was granted a camera, beside its owner.',
    input: listInput({ id: CameraId }),
    output: listOutput('users', UserName),
    status: 200,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
  'porthole.grant.create': procedure({
    method: 'PUT',
    path: '/cameras/:id/grants/:user',
    role: 'operator',
    camera: 'manage',
    summary: 'Grant a camera to a user: viewers may watch it, operators also feed and change it.',
    input: Object({ id: CameraId, user: UserName }, strict),
    output: Null(),
    status: 204,
    errors: ['camera.unknown', 'camera.deleted', 'user.unknown'],
  }),
  'porthole.grant.delete': procedure({
    method: 'DELETE',
    path: '/cameras/:id/grants/:user',
    role: 'operator',
    camera: 'manage',
    summary: 'Take a grant back: what it let open ends at once.',
    input: Object({ id: CameraId, user: UserName }, strict),
    output: Null(),
    status: 204,
    errors: ['camera.unknown', 'camera.deleted'],
  }),
}
