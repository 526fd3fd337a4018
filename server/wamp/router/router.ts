import { URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Peer } from '../auth/types.ts'
import type { Link } from '../link.ts'
import type { Member } from './member.ts'
import type { Realm } from './realm.ts'
import { RouterSession } from './session.ts'

/** Milliseconds in which sessions must have ended when the router closes. */
const CLOSE_MS = 1500

export interface RouterOptions {
  readonly realms: readonly Realm[]
  /** Whether a realm is there for somebody; where it is not, nobody is told that there is one. */
  readonly admits?: ((realm: Realm, peer: Peer) => boolean) | undefined
  /** Hears who joined; what it returns hears that they left. */
  readonly onJoined?: ((member: Member) => () => void) | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Realms and the connections to them ("Router"). */
export class Router {
  readonly realms: ReadonlyMap<string, Realm>
  readonly #options: RouterOptions
  readonly #sessions = new Set<RouterSession>()
  #closing = false
  #onEmpty = () => {}

  constructor(options: RouterOptions) {
    this.#options = options
    this.realms = new Map(options.realms.map((realm) => [realm.name, realm]))
  }

  /** Takes a connection over: whoever is at its other end speaks first. @returns its session */
  attach(link: Link, peer: Peer): RouterSession {
    const { admits = () => true, onJoined = () => () => {}, clock, log } = this.#options
    const session = new RouterSession({
      link,
      peer,
      realmOf: (name) => {
        const realm = this.realms.get(name)
        return realm && admits(realm, peer) ? realm : undefined
      },
      onJoined,
      onOver: () => {
        this.#sessions.delete(session)
        if (this.#sessions.size === 0) this.#onEmpty()
      },
      clock,
      log,
    })
    if (this.#closing) session.close()
    else this.#sessions.add(session)
    return session
  }

  /** Says goodbye to all; resolves when they are gone, or did not go in time. */
  async close(): Promise<void> {
    this.#closing = true
    for (const session of [...this.#sessions]) session.close(URI.systemShutdown)
    for (const realm of this.realms.values()) realm.close()
    if (this.#sessions.size === 0) return
    await new Promise<void>((resolve) => {
      this.#options.clock.after(CLOSE_MS, resolve)
      this.#onEmpty = resolve
    })
  }
}
