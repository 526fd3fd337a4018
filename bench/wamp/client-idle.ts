import { wait } from './client-calls.ts'
import { joinAll, Session, type Target } from './session.ts'

export interface IdleJob {
  readonly what: 'idle'
  readonly target: Target
  readonly sessions: number
  readonly seconds: number
}

export interface IdleDone {
  /** Seconds that all of them took to join. */
  readonly took: number
  /** Sessions that ended meanwhile. */
  readonly ended: number
}

/** Sessions that join at once. */
const BATCH = 50

let idle: Session[] = []

/** Joins sessions that say nothing then, and leaves them there until the next job. */
export async function idleSessions({ target, sessions, seconds }: IdleJob): Promise<IdleDone> {
  for (const { line } of idle) line.close()
  const began = performance.now()
  idle = await joinAll(sessions, BATCH, () => Session.join(target, 'json', true))
  const took = (performance.now() - began) / 1000
  await wait(seconds * 1000)
  return { took, ended: idle.filter(({ closed }) => closed !== undefined).length }
}
