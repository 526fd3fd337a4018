import type { ChildProcess } from 'node:child_process'
import { fork } from '../fan-out-run.ts'
import type { Answer, DoneOf, Job } from './client.ts'
import { heard } from './servers.ts'

/** Milliseconds for a job beside its seconds. */
const JOB_MS = 180_000

/** All clients of a measure, in one process on core 1. */
export class Clients {
  readonly #child: ChildProcess = fork('wamp/client.ts', 1, [])

  async do<J extends Job>(job: J): Promise<DoneOf[J['what']]> {
    this.#child.send(job)
    const answer = await heard<Answer>(this.#child, JOB_MS + job.seconds * 1000)
    if ('error' in answer) throw new Error(`${job.what}: ${answer.error}`)
    return answer.done as DoneOf[J['what']]
  }

  close(): void {
    this.#child.kill()
  }
}
