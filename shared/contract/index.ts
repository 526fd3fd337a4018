import { auditProcedures } from './audit.ts'
import { cameraProcedures } from './cameras.ts'
import type { Input, Output, Procedure, Socket } from './define.ts'
import { eventProcedures, feedQuery } from './events.ts'
import { keyProcedures } from './keys.ts'
import { serverProcedures } from './server.ts'
import { sessionProcedures } from './session.ts'
import { settingsProcedures } from './settings.ts'
import { shareProcedures } from './shares.ts'
import { stageProcedures } from './stage.ts'
import { grantProcedures, userProcedures } from './users.ts'
import { webhookProcedures } from './webhooks.ts'

/** Everything that can be asked, by name. */
export const procedures = {
  ...auditProcedures,
  ...cameraProcedures,
  ...eventProcedures,
  ...grantProcedures,
  ...keyProcedures,
  ...serverProcedures,
  ...sessionProcedures,
  ...settingsProcedures,
  ...shareProcedures,
  ...stageProcedures,
  ...userProcedures,
  ...webhookProcedures,
} as const satisfies Record<string, Procedure>
/** Every WebSocket. */
export const sockets = {
  echo: { path: '/ws', role: 'public', summary: 'Echo: text as text, binary as binary; with a subprotocol of WAMP, its router.' },
  live: { path: '/ws/live/:camera', role: 'viewer', camera: 'watch', summary: 'A viewer.' },
  publish: {
    path: '/ws/publish/:camera',
    role: 'operator',
    camera: 'feed',
    summary: 'A publisher; a publish key may stand in its address, as `key`.',
  },
  tunnel: {
    path: '/ws/tunnel/:service',
    role: 'viewer',
    summary: 'A byte stream to a service of the configuration, for the role that it names; subprotocols binary and base64.',
  },
  share: { path: '/ws/share/:token', role: 'public', embeds: true, summary: 'A viewer by a shared link.' },
  stage: { path: '/ws/stage/:stage', role: 'operator', summary: 'A projector: the stage at each change, and reactions.' },
  join: { path: '/ws/join/:code', role: 'public', summary: 'A phone’s seat on the stage that has this code.' },
  events: { path: '/ws/events', role: 'viewer', query: feedQuery, summary: 'What was missed, a snapshot, then the topics as they happen.' },
} as const satisfies Record<string, Socket>

export type ProcedureName = keyof typeof procedures
export type SocketName = keyof typeof sockets
export type InputOf<N extends ProcedureName> = Input<(typeof procedures)[N]>
export type OutputOf<N extends ProcedureName> = Output<(typeof procedures)[N]>
