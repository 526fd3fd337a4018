import { Null, Object, Optional, String, Union } from 'typebox'
import { Session, SessionId, SessionInfo } from '../model/session.ts'
import { Password } from '../model/user.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

export const sessionProcedures = {
  'porthole.session.create': procedure({
    method: 'POST',
    path: '/session',
    role: 'public',
    summary: 'Sign in with user and password, or with the secret of a one-time link. Answers with the session cookie.',
    input: Object(
      {
        user: Optional(String({ minLength: 1, maxLength: 64 })),
        password: Optional(String({ minLength: 1, maxLength: 256 })),
        link: Optional(String({ minLength: 1, maxLength: 128, description: 'Of a one-time link: what stands behind `#signin=`.' })),
      },
      strict,
    ),
    output: Session,
    status: 200,
    errors: ['auth.wrong', 'auth.link', 'auth.role', 'auth.unsupported', 'request.rate'],
  }),
  'porthole.session.get': procedure({
    method: 'GET',
    path: '/session',
    role: 'public',
    summary: 'Who you are, or null.',
    input: Object({}, strict),
    output: Object({ session: Union([Session, Null()]) }),
    status: 200,
    errors: [],
  }),
  'porthole.session.delete': procedure({
    method: 'DELETE',
    path: '/session',
    role: 'public',
    summary: 'Sign out.',
    input: Object({}, strict),
    output: Null(),
    status: 204,
    errors: [],
  }),
  'porthole.session.password': procedure({
    method: 'PUT',
    path: '/session/password',
    role: 'viewer',
    notByKey: true,
    summary: 'Set your password. The old one is needed when there is one.',
    input: Object(
      { password: Password, old: Optional(String({ maxLength: 256, description: 'The password of now, where there is one.' })) },
      strict,
    ),
    output: Null(),
    status: 204,
    errors: ['auth.wrong', 'auth.elsewhere', 'request.rate'],
  }),
  'porthole.session.list': procedure({
    method: 'GET',
    path: '/sessions',
    role: 'viewer',
    notByKey: true,
    summary: 'Browsers that are signed in: yours; for owners, everybody’s.',
    input: listInput({}),
    output: listOutput('sessions', SessionInfo),
    status: 200,
    errors: [],
  }),
  'porthole.session.revoke': procedure({
    method: 'DELETE',
    path: '/sessions/:session',
    role: 'viewer',
    notByKey: true,
    summary: 'End a session: yours, or as an owner anybody’s. What it has open ends at once.',
    input: Object({ session: SessionId }, strict),
    output: Null(),
    status: 204,
    errors: ['session.unknown'],
  }),
}
