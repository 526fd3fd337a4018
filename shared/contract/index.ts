import { auditProcedures } from './audit.ts'
import { cameraProcedures, cameraTopics } from './cameras.ts'
import type { Input, Output, Payload, Procedure, Socket, Topic } from './define.ts'
import { keyProcedures } from './keys.ts'
import { serverProcedures } from './server.ts'
import { sessionProcedures } from './session.ts'
import { shareProcedures } from './shares.ts'
import { grantProcedures, userProcedures } from './users.ts'

/** Everything that can be asked, by name. */
export const procedures = {
  ...auditProcedures,
  ...cameraProcedures,
  ...grantProcedures,
  ...keyProcedures,
  ...serverProcedures,
  ...sessionProcedures,
  ...shareProcedures,
  ...userProcedures,
} as const satisfies Record<string, Procedure>
/** Everything that is told, by name. */
export const topics = { ...cameraTopics } as const satisfies Record<string, Topic>
/** Every WebSocket. */
export const sockets = {
  echo: { path: '/ws', role: 'public', summary: 'Echo: text as text, binary as binary.' },
  live: { path: '/ws/live/:camera', role: 'viewer', camera: 'watch', summary: 'A viewer.' },
  publish: { path: '/ws/publish/:camera', role: 'operator', camera: 'feed', summary: 'A publisher.' },
  tunnel: {
    path: '/ws/tunnel/:service',
    role: 'viewer',
    summary: 'A byte stream to a service of the configuration, for the role that it names; subprotocols binary and base64.',
  },
  share: { path: '/ws/share/:token', role: 'public', embeds: true, summary: 'A viewer by a shared link.' },
  events: { path: '/ws/events', role: 'viewer', summary: 'A snapshot, then the topics as they happen.' },
} as const satisfies Record<string, Socket>

export type ProcedureName = keyof typeof procedures
export type TopicName = keyof typeof topics
export type SocketName = keyof typeof sockets
export type InputOf<N extends ProcedureName> = Input<(typeof procedures)[N]>
export type OutputOf<N extends ProcedureName> = Output<(typeof procedures)[N]>
export type PayloadOf<N extends TopicName> = Payload<(typeof topics)[N]>
