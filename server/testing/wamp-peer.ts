import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Dict, Message, MessageType } from '../../shared/wamp/messages.ts'
import * as M from '../../shared/wamp/messages.ts'
import { type Serializer, serializerOf } from '../../shared/wamp/serializer.ts'
import { systemClock } from '../base/clock.ts'
import { type JoinOptions, joinSession } from '../wamp/client/join.ts'
import type { Session } from '../wamp/client/session.ts'
import { WebSocketLink } from '../wamp/client/websocket-link.ts'
import { type Link, linkPair } from '../wamp/link.ts'
import { FakeClock } from './clock.ts'
import { PROGRAM } from './process.ts'

/**
 * The program, as arguments of node from any working directory. Where Node loads its sources by itself nothing else does: it loads components
 * too, and two loaders of TypeScript get into each other's way.
 */
export const RUNNER: readonly string[] =
  'typescript' in process.features && process.features.typescript
    ? PROGRAM.slice(-1)
    : PROGRAM.map((part) => (part === 'tsx' ? pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href : part))

/** A router that says what a test tells it to, on the other end of a client's link. */
export class ScriptedRouter {
  /** The client's end. */
  readonly client: Link
  isClosed = false
  readonly #link: Link
  readonly #heard: Message[] = []
  #waiting: ((message: Message) => void) | undefined

  /** @param end this router's end of a connection; unless told one within this process */
  constructor(end?: Link) {
    const [client, link] = end ? [end, end] : linkPair()
    this.client = client
    this.#link = link
    link.onMessage = (message) => {
      const waiting = this.#waiting
      this.#waiting = undefined
      if (waiting) waiting(message)
      else this.#heard.push(message)
    }
    link.onClose = () => {
      this.isClosed = true
    }
  }

  say(message: Message): void {
    this.#link.send(message)
  }

  /** The next message, which must be of a type. */
  async hear<T extends MessageType>(type: T): Promise<Extract<Message, { type: T }>> {
    const message = this.#heard.shift() ?? (await new Promise<Message>((resolve) => (this.#waiting = resolve)))
    expect(M.NAMES[message.type]).toBe(M.NAMES[type])
    return message as Extract<Message, { type: T }>
  }

  /** What was said and nobody asked for yet. */
  get unheard(): string[] {
    return this.#heard.map(({ type }) => M.NAMES[type])
  }

  close(): void {
    this.#link.close()
  }

  /** Lets whoever says HELLO in. */
  async welcome(session = 7, details: Dict = {}): Promise<M.Hello> {
    const hello = await this.hear(M.HELLO)
    this.say({ type: M.WELCOME, session, details: { roles: { broker: {}, dealer: {} }, ...details } })
    return hello
  }
}

/** A session that joined realm `r`, its router, and a clock that stands still. */
export async function joined(
  options: Partial<JoinOptions> = {},
  details: Dict = {},
): Promise<{ session: Session; router: ScriptedRouter; clock: FakeClock; reported: unknown[] }> {
  const [router, clock, reported] = [new ScriptedRouter(), new FakeClock(), [] as unknown[]]
  const joining = joinSession(router.client, { realm: 'r', clock, report: (error) => reported.push(error), ...options })
  await router.welcome(7, details)
  return { session: await joining, router, clock, reported }
}

/** Routers of scripts behind a WebSocket, one a connection, in their order. */
export async function listen(): Promise<{
  readonly url: string
  readonly requests: IncomingMessage[]
  next(): Promise<ScriptedRouter>
  close(): Promise<void>
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const [routers, requests] = [[] as ScriptedRouter[], [] as IncomingMessage[]]
  server.on('connection', (ws, request) => {
    requests.push(request)
    routers.push(new ScriptedRouter(new WebSocketLink(ws, serializerOf(ws.protocol) as Serializer, systemClock)))
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    requests,
    async next() {
      while (routers.length === 0) await once(server, 'connection')
      return routers.shift() as ScriptedRouter
    },
    async close() {
      for (const ws of server.clients) ws.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
