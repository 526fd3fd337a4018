import { Boolean, Literal, Object, String, Union } from 'typebox'
import { procedure } from './define.ts'

export const serverProcedures = {
  'porthole.server.get': procedure({
    method: 'GET',
    path: '/server',
    role: 'operator',
    summary: 'Where other devices reach this server (`machine`: none do), and whether it runs demo cameras.',
    input: Object({}, { additionalProperties: false }),
    output: Object({
      url: String(),
      reach: Union([Literal('public'), Literal('network'), Literal('machine')]),
      demo: Boolean(),
    }),
    status: 200,
    errors: [],
  }),
}
