import type { Static, TSchema } from 'typebox'
import type { InputOf, OutputOf, ProcedureName, SocketName, sockets } from '../../shared/contract/index.ts'
import type { CameraAct } from '../../shared/model/access.ts'
import type { Role, Session } from '../../shared/model/session.ts'
import type { MessageSocket, StreamSocket } from './socket.ts'

/** What somebody may do here, as it is known now: it is asked at each use, not once. */
export interface Avatar {
  /** Undefined for strangers, and for keys that belong to a camera. */
  readonly user: string | undefined
  /** The one camera that the key feeds which it came by, and all that it may. */
  readonly feeds: string | undefined
  /** It came by a key. */
  readonly isKey: boolean
  readonly role: Role
  may(act: CameraAct, camera: { readonly id: string; readonly owner: string }): boolean
}

/** Who asks, whatever transport the question came by. */
export interface Caller {
  readonly avatar: Avatar
  /** Undefined for strangers, who reach only what the contract calls public. */
  readonly session: Session | undefined
  /** The session or key that it came by. */
  readonly via: string | undefined
  /** Network address; undefined for the command line. */
  readonly address: string | undefined
  /** Scheme and host that the server was reached by, `https://192.168.1.5:8080`; undefined for the command line. */
  readonly asked: string | undefined
  /** The origin of the page that asks, where it is another site's: only what may be embedded is asked by such. */
  readonly origin?: string | undefined
  /** What the client calls itself. */
  readonly agent?: string | undefined
  /** Tags of what the change is meant for; undefined: of whatever there is. `*`: of anything. */
  readonly ifMatch?: readonly string[] | undefined
  /** Hears how it goes on, by the procedure's schema of progress. */
  progress?(value: unknown): void
  /** Gives the caller a session (or takes it away), where the transport can keep one. */
  keepSession(token: string | undefined): void
}

/** A feature's implementation of some of the contract's procedures. */
export type Handlers<N extends ProcedureName = ProcedureName> = {
  readonly [K in N]: (input: InputOf<K>, caller: Caller) => Promise<OutputOf<K>>
}

/** Of a socket's path, and of what its address says behind it. */
export type SocketParams<K extends SocketName> = (typeof sockets)[K] extends { readonly query: infer Q extends TSchema }
  ? Static<Q>
  : Readonly<Record<string, string>>

/** What takes a WebSocket of the contract once the caller was let in. Throwing closes it with the error. */
export type SocketHandlers = {
  readonly [K in SocketName]: (socket: K extends 'tunnel' ? StreamSocket : MessageSocket, params: SocketParams<K>, caller: Caller) => void
}

/** What a user's session is told to be: no more than they may as they came. */
export function sessionFor({ user, role }: Avatar, sessionOf: (user: string) => Session | undefined): Session | undefined {
  const session = user === undefined ? undefined : sessionOf(user)
  return session && role !== 'public' ? { ...session, role } : undefined
}

/** The session of a caller that the contract's role let in. */
export function signedIn(caller: Caller): Session {
  if (!caller.session) throw new Error('a procedure with a role was called by a stranger')
  return caller.session
}
