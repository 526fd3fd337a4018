import type { Dict } from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Identity } from '../../auth/credential.ts'
import type { Avatar } from '../../base/handlers.ts'

/** What is known of who connects before they say anything. */
export interface Peer {
  readonly address: string
  /** From this machine itself, without a proxy between. */
  readonly isLoopback: boolean
  /** Who they signed in as when they connected: by the dashboard's cookie, or another header. */
  readonly visitor: { readonly identity: Identity; readonly avatar: Avatar } | undefined
  /** Scheme and host that they reached the server by, `https://192.168.1.5:8080`; undefined where there is none. */
  readonly asked?: string | undefined
  /** Described in the session's details: type, peer's address ("Session Meta API", transport). */
  readonly transport: Dict
}

/** Who a session is, once they were let in. */
export interface Principal {
  readonly authid: string
  readonly authrole: string
  readonly authmethod: string
  readonly authprovider: string
  /** Told in WELCOME: what proves the server to the client, for one. */
  readonly authextra?: Dict | undefined
  /** In realms of this server's users: what they may do, and what can be taken back. */
  readonly visitor?: { readonly identity: Identity; readonly avatar: Avatar } | undefined
}

/** What comes next of signing in: they are who they say, or they are asked something. */
export type Step = { readonly principal: Principal } | { readonly challenge: Dict; readonly answer: Answer }

/** @throws Denied, PortholeError */
export type Answer = (signature: string, extra: Dict) => Promise<Step>

/** One way to sign in to a realm. */
export interface AuthMethod {
  /** As HELLO and CHALLENGE name it: `ticket`, `wampcra`, `scram`, `cryptosign`, `cookie`, `anonymous`. */
  readonly name: string
  /** Whether it can be tried with what the client said and who it is. What is true of nobody must not differ from what is true of a stranger. */
  suits(authid: string | undefined, peer: Peer): boolean
  /**
   * @param details of HELLO
   * @param session the number that the session will have
   * @throws Denied, PortholeError
   */
  begin(authid: string | undefined, details: Dict, peer: Peer, session: number): Promise<Step>
}

/** Why somebody is not let in: the URI of ABORT, and a sentence. */
export class Denied extends Error {
  readonly uri: string

  constructor(detail: string, uri: string = URI.authenticationDenied) {
    super(detail)
    this.name = 'Denied'
    this.uri = uri
  }
}
