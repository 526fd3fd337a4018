import { PortholeError } from '../../base/errors.ts'
import type { Avatar } from '../../base/handlers.ts'
import type { MessageSocket } from '../../base/socket.ts'
import { checkWatchable } from '../../base/watchable.ts'
import { type FeedWish, type Sink, Subscriber, type SubscriberOptions } from './subscriber.ts'

export type FeedOptions = Pick<SubscriberOptions, 'events' | 'clock' | 'ownerOf' | 'snapshot'>

/** Everybody who listens to the events, by whatever transport. */
export class Feed {
  readonly #options: FeedOptions
  readonly #readers = new Map<Subscriber, Sink>()
  readonly #stop: () => void

  constructor(options: FeedOptions) {
    this.#options = options
    this.#stop = options.events.onTold((told) => {
      for (const reader of this.#readers.keys()) reader.hear(told)
    })
  }

  /** Begins to tell; what was asked for was checked. @returns ends it */
  open(sink: Sink, avatar: Avatar, wish: FeedWish): () => void {
    const reader = new Subscriber({ ...this.#options, avatar, wish, sink })
    this.#readers.set(reader, sink)
    const end = () => {
      reader.close()
      this.#readers.delete(reader)
    }
    void reader.start().catch(() => {
      end()
      sink.close(new PortholeError('server.internal'))
    })
    return end
  }

  /** A reader on a socket, which only listens. */
  openSocket(socket: MessageSocket, avatar: Avatar, wish: FeedWish): void {
    const refuse = () => socket.close(new PortholeError('message.invalid', 'the events socket takes no messages'))
    socket.onText = refuse
    socket.onBinary = refuse
    let end: (() => void) | undefined = () => {}
    socket.onClose = () => {
      end?.()
      end = undefined
    }
    const sink: Sink = {
      send: (text) => socket.sendText(text),
      get backlog() {
        return socket.backlog
      },
      close: (error) => socket.close(error),
    }
    this.check(avatar, wish).then(
      () => {
        // Gone while it was asked.
        if (end) end = this.open(sink, avatar, wish)
      },
      (error) => socket.close(error instanceof PortholeError ? error : new PortholeError('server.internal')),
    )
  }

  /** @throws PortholeError camera.unknown */
  check(avatar: Avatar, { camera = [] }: FeedWish): Promise<void> {
    return checkWatchable(avatar, camera, this.#options.ownerOf)
  }

  /** What a user may see changed: they are told all of it anew. */
  refresh(user: string): void {
    for (const reader of this.#readers.keys()) if (reader.avatar.user === user) reader.refresh()
  }

  close(error: PortholeError): void {
    this.#stop()
    for (const [reader, sink] of this.#readers) {
      reader.close()
      sink.close(error)
    }
    this.#readers.clear()
  }
}
