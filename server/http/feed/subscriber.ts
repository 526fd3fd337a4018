import { type Gap, type Snapshot, type TopicKind, topics } from '../../../shared/contract/feed.ts'
import { allows } from '../../../shared/model/session.ts'
import type { Clock } from '../../base/clock.ts'
import { PortholeError } from '../../base/errors.ts'
import type { Avatar } from '../../base/handlers.ts'
import type { EventLog, Subject, Told } from '../../bus/log.ts'

/** Bytes that may wait for a client that does not read: who is closed for it resumes. */
const MAX_BACKLOG_BYTES = 1024 * 1024
/** Events that are read from the log at once. */
const PAGE_EVENTS = 200
/** Milliseconds between two looks whether a client reads on, and looks until it is given up. */
const DRAIN_MS = 50
const MAX_DRAIN_LOOKS = 200

/** Where the messages go. */
export interface Sink {
  /** @param id of the event up to which the reader knows all once it has this; undefined: it says nothing of that */
  send(text: string, id: number | undefined): void
  /** Bytes handed over and not yet taken by the kernel. */
  readonly backlog: number
  close(error: PortholeError): void
}

/** What a reader asks for. */
export interface FeedWish {
  readonly camera?: readonly string[] | undefined
  readonly kind?: readonly string[] | undefined
  /** Id of the last event that it heard. */
  readonly after?: number | undefined
}

export interface SubscriberOptions {
  readonly events: EventLog
  readonly clock: Clock
  readonly avatar: Avatar
  readonly wish: FeedWish
  readonly sink: Sink
  /** Whose a camera is now, or was before it was deleted. */
  readonly ownerOf: (camera: string) => Promise<string | undefined>
  /** What is now, of what passes. */
  readonly snapshot: (may: (camera: Subject) => boolean) => Pick<Snapshot, 'cameras' | 'status'>
}

/** One reader of the events: what it missed, from the log; then what is; then what happens. Each event asks whether it still may. */
export class Subscriber {
  readonly #options: SubscriberOptions
  /** All up to this one was heard, or was not for this reader. */
  #at: number
  #live = false
  #closed = false

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#at = options.wish.after ?? options.events.last
  }

  get avatar(): Avatar {
    return this.#options.avatar
  }

  /** Begins; resolves when it is up to date. */
  async start(): Promise<void> {
    if (this.#options.wish.after !== undefined) await this.#catchUp()
    if (this.#closed) return
    this.#live = true
    this.refresh()
  }

  /** Tells all that is now, in place of what was told. */
  refresh(): void {
    if (!this.#live) return
    const { events, snapshot, sink } = this.#options
    const told: Snapshot = { type: 'snapshot', last: events.last, ...snapshot((camera) => this.#mayWatch(camera)) }
    this.#at = events.last
    this.#send(sink, JSON.stringify(told), events.last)
  }

  hear(told: Told): void {
    if (!this.#live || (told.id !== undefined && told.id <= this.#at)) return
    this.#at = told.id ?? this.#at
    if (this.#wants(told) && this.#mayHear(told.kind, told.camera)) this.#send(this.#options.sink, told.text, told.id)
  }

  close(): void {
    this.#closed = true
    this.#live = false
  }

  async #catchUp(): Promise<void> {
    const { events, sink, wish, ownerOf } = this.#options
    const owners = new Map<string, string | undefined>()
    for (;;) {
      // It may be trimmed while it is read.
      this.#tellGap()
      const upTo = events.last
      const page = await events.read({ after: this.#at, cameras: wish.camera, kinds: wish.kind, limit: PAGE_EVENTS })
      for (const told of page) {
        if (!owners.has(told.camera.id)) owners.set(told.camera.id, await ownerOf(told.camera.id))
        const owner = owners.get(told.camera.id) ?? told.camera.owner
        if (this.#closed) return
        this.#at = told.id as number
        if (this.#mayHear(told.kind, { id: told.camera.id, owner })) sink.send(told.text, told.id)
      }
      if (page.length < PAGE_EVENTS) {
        this.#at = Math.max(this.#at, upTo)
        // What happened while the last page was read stands in the next one.
        if (events.last <= this.#at) return
      }
      // The database answers at once and lets nobody else go on: frames come before what was.
      await new Promise(setImmediate)
      owners.clear()
      if (!(await this.#drained())) return
    }
  }

  /** What was trimmed, or what another log told, is not passed over in silence. */
  #tellGap(): void {
    const { events, sink } = this.#options
    const isAhead = this.#at > events.last
    if (!isAhead && this.#at + 1 >= events.first) return
    const gap: Gap = { type: 'gap', after: this.#at, before: isAhead ? events.last : events.first - 1 }
    this.#at = gap.before
    sink.send(JSON.stringify(gap), gap.before)
  }

  async #drained(): Promise<boolean> {
    const { sink, clock } = this.#options
    for (let looks = 0; sink.backlog > MAX_BACKLOG_BYTES; looks++) {
      if (looks >= MAX_DRAIN_LOOKS) this.#giveUp(sink)
      if (this.#closed) return false
      await new Promise<void>((resolve) => clock.after(DRAIN_MS, resolve))
    }
    return !this.#closed
  }

  #wants({ kind, camera }: Told): boolean {
    const { camera: cameras, kind: kinds } = this.#options.wish
    return (cameras?.includes(camera.id) ?? true) && (kinds?.includes(kind) ?? true)
  }

  #mayHear(kind: TopicKind, camera: Subject): boolean {
    const { avatar } = this.#options
    return allows(avatar.role, topics[kind].role) && avatar.may('watch', camera)
  }

  #mayWatch(camera: Subject): boolean {
    const { avatar, wish } = this.#options
    return (wish.camera?.includes(camera.id) ?? true) && avatar.may('watch', camera)
  }

  #send(sink: Sink, text: string, id: number | undefined): void {
    if (sink.backlog > MAX_BACKLOG_BYTES) this.#giveUp(sink)
    else sink.send(text, id)
  }

  #giveUp(sink: Sink): void {
    this.close()
    sink.close(new PortholeError('server.limit', 'events were not read in time'))
  }
}
