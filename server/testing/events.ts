import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

/** One server-sent event, taken apart. */
export interface SentEvent {
  readonly id: string | undefined
  readonly data: Record<string, unknown>
}

/** A client of server-sent events, by hand: what came, with its ids. */
export class TestEvents {
  readonly events: SentEvent[] = []
  #response: IncomingMessage | undefined
  #text = ''
  #ended = false

  /** @throws Error with the status and the body when it is refused */
  static async open(url: string, headers: Record<string, string>): Promise<TestEvents> {
    const asked = request(url, { headers: { accept: 'text/event-stream', ...headers } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${Buffer.concat(await response.toArray())}`)
    const stream = new TestEvents()
    stream.#response = response
    response.setEncoding('utf8').on('data', (text: string) => stream.#take(text))
    response
      .on('error', () => {})
      .once('close', () => {
        stream.#ended = true
      })
    return stream
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The last id that it knows. */
  get last(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id
  }

  of(type: string): Record<string, unknown>[] {
    return this.events.flatMap(({ data }) => (data.type === type ? [data] : []))
  }

  close(): void {
    this.#response?.destroy()
  }

  #take(text: string): void {
    this.#text += text
    const parts = this.#text.split('\n\n')
    this.#text = parts.pop() ?? ''
    for (const part of parts) {
      const fields = Object.fromEntries(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      if (fields.data !== undefined) this.events.push({ id: fields.id, data: JSON.parse(fields.data) })
    }
  }
}
