import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { EXIT_MISSING_PACKAGE, type PreviewAnswer, type PreviewJob } from './preview/messages.ts'

/** Pixels of a preview: what social networks show large (Open Graph, Twitter cards). */
export const PREVIEW = { width: 1200, height: 630 } as const

/** Milliseconds that one preview may take before the child is taken for stuck. */
const JOB_MS = 5000
/** Milliseconds without a job after which the child ends: most servers make few previews. */
const IDLE_MS = 60_000
/** Jobs that wait at once; more are given up rather than queued. */
const MAX_JOBS = 16

export interface PreviewOptions {
  readonly clock: Clock
  readonly log: Log
}

interface Waiting {
  readonly resolve: (jpeg: Buffer | undefined) => void
  readonly cancel: () => void
}

/** Makes pictures of one size of whatever a camera sends, in a child process: native codecs never run in the server's. */
export class PreviewMaker {
  readonly #options: PreviewOptions
  #child: ChildProcess | undefined
  #stopIdle = () => {}
  #lastId = 0
  #missing = false
  #closed = false
  readonly #waiting = new Map<number, Waiting>()

  constructor(options: PreviewOptions) {
    this.#options = options
  }

  /** @returns a JPEG of PREVIEW's size; undefined when none can be made: then the picture itself has to do */
  make(jpeg: Uint8Array): Promise<Buffer | undefined> {
    if (this.#closed || this.#missing || this.#waiting.size >= MAX_JOBS) return Promise.resolve(undefined)
    const id = ++this.#lastId
    const child = this.#start()
    this.#stopIdle()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(JOB_MS, () => {
        this.#options.log.warn({ ms: JOB_MS }, 'a preview took too long')
        child.kill('SIGKILL')
      })
      this.#waiting.set(id, { resolve, cancel })
      child.send({ id, jpeg, ...PREVIEW } satisfies PreviewJob, () => {})
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#end()
  }

  #start(): ChildProcess {
    if (this.#child) return this.#child
    const typescript = import.meta.url.endsWith('.ts')
    const child = fork(fileURLToPath(new URL(`./preview/child.${typescript ? 'ts' : 'js'}`, import.meta.url)), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: typescript ? ['--import', 'tsx'] : [],
      // It needs no secret of ours.
      env: { PATH: process.env.PATH ?? '' },
    })
    child.on('message', (message) => this.#answered(message as PreviewAnswer))
    child.once('error', (error) => this.#options.log.error({ err: error }, 'the child for previews could not be started'))
    child.once('exit', (code) => {
      if (this.#child === child) this.#child = undefined
      if (code === EXIT_MISSING_PACKAGE && !this.#missing) {
        this.#missing = true
        this.#options.log.info('previews are pictures as the cameras send them: the drawing package is not installed')
      }
      this.#giveUp()
    })
    // Nothing of it keeps the server's process alive.
    child.unref()
    child.channel?.unref()
    this.#child = child
    return child
  }

  #answered({ id, jpeg }: PreviewAnswer): void {
    const job = this.#waiting.get(id)
    if (!job) return
    this.#waiting.delete(id)
    job.cancel()
    job.resolve(jpeg && Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength))
    if (this.#waiting.size > 0) return
    this.#stopIdle()
    this.#stopIdle = this.#options.clock.after(IDLE_MS, () => this.#end())
  }

  #giveUp(): void {
    const jobs = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { resolve, cancel } of jobs) {
      cancel()
      resolve(undefined)
    }
  }

  #end(): void {
    this.#stopIdle()
    this.#child?.kill('SIGKILL')
    this.#child = undefined
    this.#giveUp()
  }
}
