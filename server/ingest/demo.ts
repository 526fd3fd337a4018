import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { Channel } from '../bus/channel.ts'
import { PublisherSession } from './publisher.ts'

/** Milliseconds before the child is started again; doubles with each quick failure up to the second value. */
const RESTART_MS = 1000
const MAX_RESTART_MS = 60_000
/** A child that lived this long, in milliseconds, did not fail quickly. */
const HEALTHY_MS = 30_000
/** Exit code of a child whose drawing or encoding package is not installed: starting it again changes nothing. */
const EXIT_MISSING_PACKAGE = 3
/** Milliseconds a child has between SIGTERM and SIGKILL. */
const KILL_MS = 1000

export interface DemoOptions {
  readonly channel: Channel
  readonly clock: Clock
  readonly log: Log
}

/** The demo camera's publisher: a child process, because native encoders never run in the server's. */
export class DemoSource {
  readonly #options: DemoOptions
  #child: ChildProcess | undefined
  #stopRestart: (() => void) | undefined
  #restart = RESTART_MS
  #closed = false

  constructor(options: DemoOptions) {
    this.#options = options
    this.#start()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopRestart?.()
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  #start(): void {
    const { channel, clock, log } = this.#options
    const typescript = import.meta.url.endsWith('.ts')
    const child = fork(fileURLToPath(new URL(`./demo/child.${typescript ? 'ts' : 'js'}`, import.meta.url)), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: typescript ? ['--import', 'tsx'] : [],
      // It needs no secret of ours.
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...(process.env.TZ ? { TZ: process.env.TZ } : {}) },
    })
    this.#child = child
    const started = clock.monotonic()
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-500)
    })
    const socket = pipeSocket(child)
    new PublisherSession({ socket, channel, clock, log })
    child.once('error', (error) => log.error({ err: error }, 'demo camera could not be started'))
    child.once('exit', (code, signal) => {
      socket.onClose()
      if (this.#closed) return
      if (code === EXIT_MISSING_PACKAGE) {
        log.warn(
          { camera: channel.id, reason: stderr.trim() },
          'demo camera is off: its optional packages are not installed (npm install --include=optional)',
        )
        return
      }
      log.warn({ camera: channel.id, code, signal, stderr: stderr.trim() }, 'demo camera ended, starting again')
      if (clock.monotonic() - started > HEALTHY_MS) this.#restart = RESTART_MS
      this.#stopRestart = clock.after(this.#restart, () => this.#start())
      this.#restart = Math.min(this.#restart * 2, MAX_RESTART_MS)
    })
  }
}

/** The child's IPC channel as a message socket: strings are text messages, bytes binary ones. */
function pipeSocket(child: ChildProcess): MessageSocket {
  const send = (message: string | Uint8Array) => {
    if (child.connected) child.send(message, () => {})
  }
  let closed = false
  const socket: MessageSocket = {
    onText: () => {},
    onBinary: () => {},
    onClose: () => {},
    sendText: send,
    sendBinary: send,
    wireSink: undefined,
    backlog: 0,
    close(error) {
      if (closed) return
      closed = true
      if (error && error.code !== 'server.closing') send(JSON.stringify({ type: 'error', code: error.code, message: error.message }))
      child.kill('SIGTERM')
    },
    peer: `child ${child.pid}`,
  }
  child.on('message', (message) => {
    if (closed) return
    if (typeof message === 'string') socket.onText(message)
    else if (message instanceof Uint8Array) socket.onBinary(Buffer.from(message.buffer, message.byteOffset, message.byteLength))
    else socket.close(new PortholeError('message.invalid', 'neither text nor bytes'))
  })
  return socket
}
