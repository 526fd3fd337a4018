import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join, relative, resolve } from 'node:path'
import fastify from 'fastify'
import { ConfigError, PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'
import type { Log } from '../base/log.ts'
import { sendProblem, toPortholeError } from './problem.ts'
import { mountContract } from './routes.ts'

const FILE = 'control.sock'
/** Bytes of a socket's path that every system takes (sun_path of macOS, without its NUL). */
const MAX_PATH_BYTES = 103

/** Where the command line reaches who has a data directory; undefined when the path is too long for a socket. */
export function controlPath(data: string): string | undefined {
  const path = resolve(data, FILE)
  return [path, relative(process.cwd(), path)].find((candidate) => Buffer.byteLength(candidate) <= MAX_PATH_BYTES)
}

/** The contract over a socket in the data directory, for this machine's user alone, who asks as an owner. Who listens has the directory. */
export class Control {
  readonly #path: string | undefined
  readonly #data: string
  readonly #log: Log
  readonly #app = fastify({ logger: false, forceCloseConnections: true })
  #handlers: Handlers | undefined
  #caller: (() => Caller) | undefined

  constructor(data: string, log: Log) {
    this.#data = data
    this.#path = controlPath(data)
    this.#log = log
  }

  /** @throws ConfigError when another process has the directory */
  async listen(): Promise<void> {
    mkdirSync(this.#data, { recursive: true, mode: 0o700 })
    if (this.#path === undefined) {
      this.#log.warn({ file: join(this.#data, FILE) }, 'no control socket: the path is too long; choose a shorter --data')
      return
    }
    this.#mount()
    try {
      await this.#bind(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      await this.#removeStale(this.#path)
      await this.#bind(this.#path)
    }
    chmodSync(this.#path, 0o600)
  }

  /** From now on it answers. */
  open(handlers: Handlers, caller: () => Caller): void {
    this.#handlers = handlers
    this.#caller = caller
  }

  /** From now on it answers that it is closing, and still has the directory. */
  stop(): void {
    this.#handlers = undefined
  }

  async close(): Promise<void> {
    await this.#app.close()
  }

  /** Takes the socket of a process that was killed away; by another name first, so that of two who find it none takes the other's. */
  async #removeStale(path: string): Promise<void> {
    const inUse = () => new ConfigError(`another porthole uses ${this.#data}; stop it, or choose another --data`)
    if (await answers(path)) throw inUse()
    const aside = `${path}.${process.pid}`
    try {
      renameSync(path, aside)
    } catch {
      // Somebody else just did.
      throw inUse()
    }
    const isLive = await answers(aside)
    if (isLive) renameSync(aside, path)
    else rmSync(aside, { force: true })
    if (isLive) throw inUse()
  }

  #mount(): void {
    this.#app.setErrorHandler((error, _request, reply) => sendProblem(reply, toPortholeError(error)))
    this.#app.setNotFoundHandler((_request, reply) => sendProblem(reply, new PortholeError('request.not-found')))
    const handlers = new Proxy({} as Handlers, {
      get: (_target, name) => async (input: never, caller: never) => {
        if (!this.#handlers) throw new PortholeError('server.closing')
        return this.#handlers[name as keyof Handlers](input, caller)
      },
    })
    const callerOf = () => {
      if (!this.#caller) throw new PortholeError('server.closing')
      return this.#caller()
    }
    mountContract(this.#app, { handlers, callerOf })
  }

  async #bind(path: string): Promise<void> {
    const restore = withoutOthers()
    try {
      await this.#app.listen({ path })
    } finally {
      restore()
    }
  }
}

/** Has files made for this user alone, where the process may say so (worker threads may not). @returns takes it back */
function withoutOthers(): () => void {
  try {
    const before = process.umask(0o177)
    return () => void process.umask(before)
  } catch {
    return () => {}
  }
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
