/** Bytes of a line, and of all of the head, of a proxy's answer; its header fields. */
export const MAX_PROXY_LINE_BYTES = 4096
export const MAX_PROXY_HEAD_BYTES = 16 * 1024
export const MAX_PROXY_HEADERS = 64

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?$/
const FIELD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\0\r\n]*$/
const LF = 0x0a

/**
 * Why there is no way through a proxy: `refused` (its status is in `status`), `malformed`, `too-large`, `unreachable` (the cause tells),
 * `ended` before it answered.
 */
export class ProxyError extends Error {
  readonly code: 'refused' | 'malformed' | 'too-large' | 'unreachable' | 'ended'
  /** HTTP status, when it refused: 407 asks for `authorization`. */
  readonly status: number | undefined

  constructor(code: ProxyError['code'], message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'ProxyError'
    this.code = code
    this.status = status
  }
}

/** Reads the head of a proxy's answer to CONNECT, however its bytes are cut (RFC 9112 §2, RFC 9110 §9.3.6). */
export class ProxyResponse {
  #line: number[] = []
  #head = 0
  #fields = 0
  #status: number | undefined

  /**
   * @returns the bytes behind the head, which are the tunnel's already; undefined when the head goes on
   * @throws ProxyError refused, malformed, too-large
   */
  push(chunk: Buffer): Buffer | undefined {
    for (let at = 0; at < chunk.length; at++) {
      if (++this.#head > MAX_PROXY_HEAD_BYTES) throw new ProxyError('too-large', `the proxy's answer is over ${MAX_PROXY_HEAD_BYTES} bytes`)
      const byte = chunk[at] as number
      if (byte !== LF) {
        if (this.#line.push(byte) > MAX_PROXY_LINE_BYTES)
          throw new ProxyError('too-large', `a line of the proxy's answer is over ${MAX_PROXY_LINE_BYTES} bytes`)
      } else if (this.#endsHead(Buffer.from(this.#line).toString('latin1').replace(/\r$/, ''))) return chunk.subarray(at + 1)
    }
    return undefined
  }

  /** Takes a line. @returns whether it was the last */
  #endsHead(line: string): boolean {
    this.#line = []
    if (this.#status === undefined) {
      const [, status] = STATUS_LINE.exec(line) ?? []
      if (status === undefined) throw new ProxyError('malformed', 'the proxy does not answer in HTTP/1')
      this.#status = Number(status)
      return false
    }
    if (line === '') {
      const status = this.#status
      if (status >= 200 && status <= 299) return true
      if (status >= 200) throw new ProxyError('refused', `the proxy refused: ${status}`, { status })
      // An interim answer: the one that counts follows (RFC 9110 §15.2).
      this.#status = undefined
      return false
    }
    if (++this.#fields > MAX_PROXY_HEADERS) throw new ProxyError('too-large', `the proxy's answer has over ${MAX_PROXY_HEADERS} headers`)
    if (!FIELD.test(line)) throw new ProxyError('malformed', 'a header of the proxy’s answer is malformed')
    return false
  }
}
