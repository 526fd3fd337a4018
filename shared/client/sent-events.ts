/** Characters of one event: a snapshot of some ten thousand cameras. */
export const MAX_EVENT_CHARS = 4 * 1024 * 1024

/** One server-sent event that has data. */
export interface SentEvent {
  /** What it is called; undefined: it is not. */
  readonly name: string | undefined
  readonly data: string
  /** The last id that was said, by this event or an earlier one; undefined: none was. */
  readonly lastId: string | undefined
}

/** The stream is none, or an event is larger than its cap. */
export class SentEventsError extends Error {
  override readonly name = 'SentEventsError'
}

/** Text of an event stream in, events out (HTML Living Standard §9.2.6). */
export class SentEventsParser {
  readonly #maxChars: number
  #rest = ''
  #name: string | undefined
  #data: string[] = []
  #chars = 0
  #lastId: string | undefined
  #isFirst = true

  /** Milliseconds after which to connect again, when the stream said so. */
  retryMs: number | undefined

  /** @param maxChars of one event */
  constructor(maxChars = MAX_EVENT_CHARS) {
    this.#maxChars = maxChars
  }

  /** @throws SentEventsError */
  *feed(text: string): Generator<SentEvent> {
    // A byte order mark at the beginning is none of it.
    const fresh = this.#isFirst ? text.replace(/^\uFEFF/, '') : text
    if (text !== '') this.#isFirst = false
    this.#rest += fresh
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.#rest)
      // A carriage return that ends the text may be half of a line's end.
      if (!end || (end[0] === '\r' && end.index === this.#rest.length - 1)) break
      const line = this.#rest.slice(0, end.index)
      this.#rest = this.#rest.slice(end.index + end[0].length)
      const event = this.#line(line)
      if (event) yield event
    }
    if (this.#rest.length + this.#chars > this.#maxChars) throw new SentEventsError(`an event has more than ${this.#maxChars} characters`)
  }

  #line(line: string): SentEvent | undefined {
    if (line === '') {
      const [name, data] = [this.#name, this.#data]
      this.#name = undefined
      this.#data = []
      this.#chars = 0
      return data.length === 0 ? undefined : { name, data: data.join('\n'), lastId: this.#lastId }
    }
    const colon = line.indexOf(':')
    const [name, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
    if (name === 'data') {
      this.#data.push(value)
      this.#chars += value.length
    } else if (name === 'event') this.#name = value || undefined
    else if (name === 'id' && !value.includes('\0')) this.#lastId = value
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value)
    return undefined
  }
}

/**
 * The text of a body, as it comes.
 * @param silentMs milliseconds of silence after which the connection counts as lost: a server says something every 15 s
 * @throws SentEventsError
 */
export async function* textOf(body: ReadableStream<Uint8Array>, silentMs = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await within(silentMs, reader.read())
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    // Of a connection that is lost nobody says when it ended.
    reader.cancel().catch(() => {})
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  if (ms === Number.POSITIVE_INFINITY) return promise
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SentEventsError(`nothing came for ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
