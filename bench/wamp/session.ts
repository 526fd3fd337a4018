import { FORMATS, type Format, type FormatName, type Value } from './formats.ts'
import { Line } from './line.ts'

export const HELLO = 1
const WELCOME = 2
export const PUBLISH = 16
export const SUBSCRIBE = 32
export const EVENT = 36
export const CALL = 48
export const RESULT = 50
export const REGISTER = 64
export const INVOCATION = 68
export const YIELD = 70

export const REALM = 'realm1'
/** Milliseconds for a step of the setting up. */
const STEP_MS = 30_000

/** A server as a client sees it. */
export interface Target {
  readonly port: number
  readonly pid: number
  readonly path: string
  readonly kind: Kind
}
/** A router; or a bare `ws` server, where nobody joins a realm: of the peers below, in peer.mjs. */
export type Kind = 'router' | 'echo' | 'hop' | 'relay'
/** Where on a bare server the other end connects: readers of events, who answers calls. */
export const OTHER_END = '/other-end'

/** One connection, joined to the realm where there is one. */
export class Session {
  readonly line: Line
  readonly format: Format
  /** What messages go to, once the setting up is done. */
  onMessage: ((buffer: Buffer, start: number, end: number) => void) | undefined
  /** Why the connection ended; undefined while it stands. */
  closed: string | undefined
  #answered: ((type: number, text: string) => void) | undefined
  #failed: ((reason: string) => void) | undefined
  #requests = 0

  private constructor({ port, path, kind }: Target, name: FormatName) {
    const router = kind === 'router'
    this.format = FORMATS[name]
    const { protocol, binary } = this.format
    this.line = new Line({
      port,
      path,
      protocol: router ? protocol : '',
      binary,
      onOpen: () => (router ? this.line.send(this.#hello()) : this.#answered?.(WELCOME, '')),
      onMessage: (buffer, start, end) => {
        if (this.onMessage) this.onMessage(buffer, start, end)
        else this.#answered?.(this.format.typeOf(buffer, start), buffer.toString('latin1', start, end))
      },
      onClose: (reason) => {
        this.closed ??= reason
        this.#failed?.(reason)
      },
    })
  }

  /** @param other whether it is the other end, where that is told by the path */
  static async join(target: Target, format: FormatName, other = false): Promise<Session> {
    const session = new Session(other && target.kind !== 'router' ? { ...target, path: OTHER_END } : target, format)
    await session.#answer(WELCOME)
    return session
  }

  /** Registers or subscribes. */
  async request(type: typeof REGISTER | typeof SUBSCRIBE, uri: string): Promise<void> {
    const { before, after } = this.format.around(type, [{}, uri])
    this.line.send(Buffer.concat([before, this.format.encode(++this.#requests), after, this.format.end]))
    // REGISTERED and SUBSCRIBED are the next numbers.
    await this.#answer(type + 1)
  }

  #hello(): Buffer {
    const roles: Value = { caller: {}, callee: {}, publisher: {}, subscriber: {} }
    const { before, after } = this.format.around(HELLO, [{ roles }])
    return Buffer.concat([before, this.format.encode(REALM), after, this.format.end])
  }

  #answer(wanted: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: string) => {
        clearTimeout(timer)
        this.#answered = this.#failed = undefined
        if (error === undefined) resolve()
        else reject(new Error(error))
      }
      const timer = setTimeout(() => settle(`no message ${wanted} within ${STEP_MS} ms`), STEP_MS)
      this.#answered = (type, text) => settle(type === wanted ? undefined : `${text} instead of a message ${wanted}`)
      this.#failed = (reason) => settle(reason)
    })
  }
}

/** Joins many, a batch at once. */
export async function joinAll(count: number, batch: number, join: (index: number) => Promise<Session>): Promise<Session[]> {
  const sessions: Session[] = []
  while (sessions.length < count) {
    const size = Math.min(batch, count - sessions.length)
    sessions.push(...(await Promise.all(Array.from({ length: size }, (_, i) => join(sessions.length + i)))))
  }
  return sessions
}
