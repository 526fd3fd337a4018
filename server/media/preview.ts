import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { EXIT_MISSING_PACKAGE, type PreviewAnswer, type PreviewJob } from './preview/messages.ts'

/** Pixels of a preview: what social networks show large (Open Graph, Twitter cards). */
export const PREVIEW = { width: 1200, height: 630 } as const

/** Milliseconds that one preview may take before the child is taken for stuck. */
export const JOB_MS = 5000
/** Milliseconds without a job after which the child ends: most servers make few previews. */
export const IDLE_MS = 60_000
/** Jobs that wait at once; more are given up rather than queued. */
const MAX_JOBS = 16

export type PreviewChild = Pick<ChildProcess, 'send' | 'kill' | 'on'>

export interface PreviewOptions {
  readonly clock: Clock
  readonly log: Log
  /** For tests. */
  readonly start?: () => PreviewChild
}

/** One child and what it was given. */
interface Running {
  readonly child: PreviewChild
  readonly jobs: Map<number, (jpeg: Buffer | undefined) => void>
  stopIdle: () => void
}

/** Makes pictures of one size of whatever a camera sends, in a child process: native codecs never run in the server's. */
export class PreviewMaker {
  readonly #options: PreviewOptions
  #running: Running | undefined
  #lastId = 0
  #missing = false
  #closed = false

  constructor(options: PreviewOptions) {
    this.#options = options
  }

  /** @returns a JPEG of PREVIEW's size; undefined when none can be made: then the picture itself has to do */
  make(jpeg: Uint8Array): Promise<Buffer | undefined> {
    if (this.#closed || this.#missing || (this.#running?.jobs.size ?? 0) >= MAX_JOBS) return Promise.resolve(undefined)
    const id = ++this.#lastId
    this.#running ??= this.#start()
    const running = this.#running
    running.stopIdle()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(JOB_MS, () => {
        this.#options.log.warn({ ms: JOB_MS }, 'a preview took too long')
        this.#end(running)
      })
      running.jobs.set(id, (made) => {
        running.jobs.delete(id)
        cancel()
        resolve(made)
      })
      running.child.send({ id, jpeg, ...PREVIEW } satisfies PreviewJob, () => {})
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#running) this.#end(this.#running)
  }

  #start(): Running {
    const { clock, log, start = forkChild } = this.#options
    const child = start()
    const running: Running = { child, jobs: new Map(), stopIdle: () => {} }
    child.on('message', (message) => {
      const { id, jpeg } = message as PreviewAnswer
      running.jobs.get(id)?.(jpeg && Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength))
      if (running.jobs.size === 0) {
        running.stopIdle()
        running.stopIdle = clock.after(IDLE_MS, () => this.#end(running))
      }
    })
    // What could not be started exits with an error alone.
    child.on('error', (error) => {
      log.error({ err: error }, 'the child for previews failed')
      this.#end(running)
    })
    child.on('exit', (code) => {
      if (code === EXIT_MISSING_PACKAGE && !this.#missing) {
        this.#missing = true
        log.info('previews are pictures as the cameras send them: the drawing package is not installed')
      }
      this.#end(running)
    })
    return running
  }

  /** Idempotent; what a child was given and did not make is given up. */
  #end(running: Running): void {
    if (this.#running === running) this.#running = undefined
    running.stopIdle()
    running.child.kill('SIGKILL')
    for (const settle of [...running.jobs.values()]) settle(undefined)
  }
}

function forkChild(): PreviewChild {
  const typescript = import.meta.url.endsWith('.ts')
  const child = fork(fileURLToPath(new URL(`./preview/child.${typescript ? 'ts' : 'js'}`, import.meta.url)), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: typescript ? ['--import', 'tsx'] : [],
    // It needs no secret of ours.
    env: { PATH: process.env.PATH ?? '' },
  })
  // Nothing of it keeps the server's process alive.
  child.unref()
  child.channel?.unref()
  return child
}
