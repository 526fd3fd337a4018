import type { Member } from './member.ts'

/** Calls of one session that the router itself answers at once: its database answers without letting anybody else go on. */
export const MAX_AT_ONCE = 16
/** Calls that wait for their turn before their client is not read on. */
const MAX_WAITING = 64

type Task = () => Promise<void> | undefined

interface Queue {
  running: number
  readonly waiting: Task[]
}

/** Some calls of a session at once, and others' in between. */
export class LocalTurns {
  readonly #queues = new WeakMap<Member, Queue>()

  /** @param task does not throw or reject */
  run(member: Member, task: Task): void {
    const queue = this.#queues.get(member) ?? { running: 0, waiting: [] }
    this.#queues.set(member, queue)
    if (queue.running < MAX_AT_ONCE) return this.#start(member, queue, task)
    queue.waiting.push(task)
    if (queue.waiting.length > MAX_WAITING) member.hold(queue)
  }

  #start(member: Member, queue: Queue, task: Task): void {
    queue.running++
    const done = () =>
      setImmediate(() => {
        queue.running--
        const next = queue.waiting.shift()
        if (next) this.#start(member, queue, next)
        if (queue.waiting.length <= MAX_WAITING) member.release(queue)
      })
    const running = task()
    if (running) void running.then(done)
    else done()
  }
}
