import type { IncomingHttpHeaders } from 'node:http'
import type { UserRole } from '../../shared/model/session.ts'
import type { DigestResponse } from '../wire/authorization.ts'

/** What somebody shows to be let in, by whatever protocol. */
export type Credential =
  /** Plain user and password: sign-in, Basic, FTP's USER and PASS, WAMP's ticket. `by` is for the audit log. */
  | { readonly kind: 'password'; readonly by: 'session' | 'basic' | 'ftp' | 'ticket'; readonly user: string; readonly password: string }
  /** HTTP Digest (RFC 7616) over a request's method. */
  | ({ readonly kind: 'digest'; readonly method: string } & Omit<DigestResponse, 'type'>)
  /** Of a user, or for feeding one camera: bearer, or in the address of a stream. */
  | { readonly kind: 'key'; readonly key: string }
  /** The token of a session's cookie. */
  | { readonly kind: 'session'; readonly token: string }
  /** Base64 of HMAC-SHA256 over the challenge (WAMP specification, "Challenge Response Authentication"). */
  | { readonly kind: 'wamp-cra'; readonly user: string; readonly challenge: string; readonly signature: string }
  /** Base64 of ClientProof over AuthMessage (RFC 5802 §3, RFC 7677). */
  | { readonly kind: 'scram'; readonly user: string; readonly message: string; readonly proof: string }
  /** Headers that a trusted proxy set, and nobody else. */
  | { readonly kind: 'forwarded'; readonly headers: IncomingHttpHeaders }

export type CredentialKind = Credential['kind']

/** Who somebody is, as a checker found. */
export interface Identity {
  /** Undefined for a publish key: it belongs to its camera. */
  readonly user: string | undefined
  /** What they came by that can be taken back: a session's or a key's id. */
  readonly via?: string | undefined
  /** It came by a key. */
  readonly isKey?: boolean | undefined
  /** No more than this role, whatever the user's. */
  readonly atMost?: UserRole | undefined
  /** Feeds this camera, and does nothing else. */
  readonly camera?: string | undefined
  /** What proves the server to the client, where the protocol has that (SCRAM's ServerSignature, base64). */
  readonly answer?: string | undefined
}

/** Verifies some kinds of credentials. Modules of the configuration implement it too. */
export interface Checker {
  /** As messages and the audit log call it. */
  readonly name: string
  readonly verifies: readonly CredentialKind[]
  /** @param address of the client @returns who it is; undefined when the credential is not right here */
  check(credential: Credential, address: string): Promise<Identity | undefined>
  /** Who it was a moment ago, found without work; asked first, and counted as no attempt. */
  recall?(credential: Credential, address: string): Identity | undefined
}
