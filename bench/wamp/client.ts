import { type CallsDone, type CallsJob, calls } from './client-calls.ts'
import { type EventsDone, type EventsJob, events } from './client-events.ts'
import { type IdleDone, type IdleJob, idleSessions } from './client-idle.ts'

/** What the benchmark says to the clients' process, and what it answers: what was done, or why not. */
export type Job = CallsJob | EventsJob | IdleJob
export interface DoneOf {
  calls: CallsDone
  events: EventsDone
  idle: IdleDone
}
export type Answer = { readonly done: DoneOf[Job['what']] } | { readonly error: string }

process.on('message', async (job: Job) => {
  let answer: Answer
  try {
    answer = { done: await (job.what === 'calls' ? calls(job) : job.what === 'events' ? events(job) : idleSessions(job)) }
  } catch (error) {
    answer = { error: (error as Error).message }
  }
  process.send?.(answer)
})
process.once('disconnect', () => process.exit())
