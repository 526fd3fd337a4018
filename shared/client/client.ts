import { type FeedMessage, FeedMessage as FeedMessageSchema } from '../contract/feed.ts'
import type { InputOf } from '../contract/index.ts'
import { streams } from '../contract/streams.ts'
import { ERRORS } from '../protocol/errors.ts'
import { parseMessage } from '../protocol/parse.ts'
import { ApiError, type Call, createCall, NetworkError, refusalOf } from './call.ts'
import { everything, type ItemOf, type ListName } from './everything.ts'
import { MAX_EVENT_CHARS, SentEventsParser, textOf } from './sent-events.ts'

export type { FeedMessage } from '../contract/feed.ts'
export type { InputOf, OutputOf, ProcedureName } from '../contract/index.ts'
export type { ErrorCode } from '../protocol/errors.ts'
export type { Call, CallWords } from './call.ts'
export { ApiError, NetworkError } from './call.ts'

/** Milliseconds until a lost stream of events is made again, unless it said; the most after many failures. */
const RETRY_MS = 2000
const MAX_RETRY_MS = 30_000
/** Milliseconds of silence after which a stream counts as lost: three beats of the server. */
const SILENT_MS = 45_000

export interface ClientOptions {
  /** Where the server is reached: `https://camera.example`, with its path where it has one. */
  readonly url: string
  /** A key of a user. */
  readonly key?: string
  /** Further headers of every request: another way to say who asks. */
  readonly headers?: Readonly<Record<string, string>>
  /** What requests are made with; the platform's own, unless told. */
  readonly fetch?: typeof fetch
  /** Milliseconds of silence after which a stream of events is made again. */
  readonly silentMs?: number
  /** Waits; told when to stop. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

export interface EventsWish {
  readonly camera?: readonly string[]
  readonly kind?: readonly string[]
  /** Id of the last event that was heard: what came since is told first. */
  readonly after?: number
  readonly signal?: AbortSignal
}

export interface Client {
  /** Asks for one procedure of the contract. @throws ApiError, NetworkError */
  readonly call: Call
  /** Everything that a list has, page after page. @throws ApiError, NetworkError */
  all<N extends ListName>(name: N, input: Omit<InputOf<N>, 'cursor'>): Promise<ItemOf<N>[]>
  /** Events as they happen; a lost connection is made again and goes on where it was. Ends with its signal. @throws ApiError when it is refused */
  events(wish?: EventsWish): AsyncGenerator<FeedMessage>
  /** Shows a picture on a camera of kind `upload`. @throws ApiError, NetworkError */
  upload(camera: string, jpeg: Uint8Array): Promise<{ camera: string; time: string; bytes: number; width: number; height: number }>
}

/** A client of a Porthole, for browsers, Node.js and whatever else has `fetch`. */
export function createClient({
  url,
  key,
  headers = {},
  fetch = globalThis.fetch,
  silentMs = SILENT_MS,
  wait = waitFor,
}: ClientOptions): Client {
  const base = url.replace(/\/+$/, '')
  const words = { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers }
  const call = createCall({ fetch: (...request) => fetch(...request), base: () => base, headers: words })

  async function ask(path: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(base + path, { ...init, headers: { ...words, ...(init.headers as Record<string, string>) } })
    } catch (cause) {
      throw new NetworkError('the server cannot be reached', { cause })
    }
    if (!response.ok) throw await refusalOf(response)
    return response
  }

  return {
    call,
    all: (name, input) => everything(call, name, input),
    async *events({ camera, kind, after, signal } = {}) {
      const filter = Object.entries({ camera: camera?.join(','), kind: kind?.join(','), after }).filter(([, value]) => value !== undefined)
      const path = `${streams['porthole.event.stream'].path}?${new URLSearchParams(filter as [string, string][])}`
      let lastId: string | undefined
      let failures = 0
      while (!signal?.aborted) {
        let retryMs: number | undefined
        try {
          const said = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) }
          const { body } = await ask(path, { headers: said, ...(signal && { signal }) })
          const parser = new SentEventsParser()
          for await (const text of textOf(body as ReadableStream<Uint8Array>, silentMs)) {
            for (const event of parser.feed(text)) {
              const message = parseMessage(FeedMessageSchema, event.data, MAX_EVENT_CHARS)
              failures = 0
              lastId = event.lastId ?? lastId
              // A kind that this client is too old for.
              if (message.ok) yield message.value
            }
            retryMs = parser.retryMs
          }
        } catch (error) {
          if (signal?.aborted) return
          if (error instanceof ApiError && !ERRORS[error.code].retry) throw error
          // An answer of somebody else's: that is no Porthole, or not its address.
          if (error instanceof NetworkError && error.status !== undefined && error.status < 500) throw error
        }
        await wait(Math.min((retryMs ?? RETRY_MS) * 2 ** Math.min(failures++, 10), MAX_RETRY_MS), signal)
      }
    },
    async upload(camera, jpeg) {
      const path = streams['porthole.camera.upload'].path.replace(':camera', encodeURIComponent(camera))
      const response = await ask(path, { method: 'PUT', headers: { 'content-type': 'image/jpeg' }, body: jpeg as never })
      return (await response.json()) as never
    },
  }
}

const waitFor = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
