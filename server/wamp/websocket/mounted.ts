import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import type { PortholeError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'

/**
 * Where a class says how it is mounted. Of the registry, so that the server knows a class of another copy of this package, which is what a
 * module finds that has Porthole in its own node_modules.
 */
export const MOUNT: unique symbol = Symbol.for('porthole.websocket.mount.1') as never

/** What the server gives a class that it mounts. */
export interface ProtocolHost {
  /** Names the mount in the log. */
  readonly name: string
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  /** The client's address, behind trusted proxies too. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Scheme and host that the client asked for, as `https://host:port`. */
  readonly asked: (request: IncomingMessage) => string
  /** The body of a refusal: application/problem+json. */
  readonly problem: (error: PortholeError) => object
}

/** A mounted class as the server sees it. */
export interface Mounted {
  /** Whether an origin that is foreign to the server may open a WebSocket: as itself (`own`), as a stranger (`allowed`), or not. */
  judge(origin: string, request: IncomingMessage): 'own' | 'allowed' | 'foreign'
  /** Takes an upgrade, or refuses it. @param user who is signed in, where that counts */
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer, user?: string): void
  /** Closes every connection with `closeCodes.shutdown`; bounded. Later upgrades are refused. */
  close(): Promise<void>
}

/** A class that can be mounted. */
export interface Mountable {
  /** @throws Error that says what is wrong with its options */
  [MOUNT](host: ProtocolHost): Mounted
}

export const isMountable = (exported: unknown): exported is Mountable =>
  typeof exported === 'function' && typeof (exported as unknown as Partial<Mountable>)[MOUNT] === 'function'
