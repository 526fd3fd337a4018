/** Bytes of a ClientHello: what is longer is nobody's we know. */
export const MAX_HELLO_BYTES = 16 * 1024
/** Records that it may be cut over: each look at it costs as many steps. */
const MAX_RECORDS = 256
/** Bytes of a TLS record's header, and of a handshake message's (RFC 8446 §5.1, §4). */
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
const HANDSHAKE = 22
const CLIENT_HELLO = 1
/** Extension numbers (RFC 6066 §3, RFC 7301 §3.1). */
const SERVER_NAME = 0
const ALPN = 16

export type ClientHello =
  | { readonly type: 'more' }
  | {
      readonly type: 'hello'
      /** The host that is asked for (SNI), lower case. */
      readonly serverName: string | undefined
      /** Protocols that the client would speak (ALPN), the one it likes best first. */
      readonly protocols: readonly string[]
    }
  | { readonly type: 'error'; readonly detail: string }

class Malformed extends Error {}

/** What the first message of a TLS connection (RFC 8446 §4.1.2) tells before anything is encrypted. */
export function parseClientHello(bytes: Buffer): ClientHello {
  try {
    const message = reassemble(bytes)
    return message ? parseMessage(new Fields(message)) : { type: 'more' }
  } catch (error) {
    if (error instanceof Malformed) return { type: 'error', detail: error.message }
    throw error
  }
}

/** The ClientHello out of its records: it may be cut over several (RFC 8446 §5.1). Undefined until all of it came. */
function reassemble(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = []
  let have = 0
  let whole: number | undefined
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) throw new Malformed('no handshake record')
    if (at + RECORD_HEADER > bytes.length) return undefined
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > MAX_HELLO_BYTES) throw new Malformed('record of a forbidden length')
    const part = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length)
    if (parts.push(part) > MAX_RECORDS) throw new Malformed('ClientHello in too many records')
    have += part.length
    if (whole === undefined && have > 0) whole = lengthOf(Buffer.concat(parts))
    if (whole !== undefined && have >= whole) return Buffer.concat(parts).subarray(MESSAGE_HEADER, whole)
    at += RECORD_HEADER + length
  }
  return undefined
}

/** Bytes of the message with its header; undefined while too little of that has come. */
function lengthOf(start: Buffer): number | undefined {
  if (start[0] !== CLIENT_HELLO) throw new Malformed('no ClientHello')
  if (start.length < MESSAGE_HEADER) return undefined
  const size = start.readUIntBE(1, 3)
  if (size > MAX_HELLO_BYTES) throw new Malformed('ClientHello too long')
  return MESSAGE_HEADER + size
}

function parseMessage(hello: Fields): ClientHello {
  hello.bytes(2 + 32) // version, random
  hello.vector(1) // session
  hello.vector(2) // cipher suites
  hello.vector(1) // compression
  let serverName: string | undefined
  let protocols: string[] = []
  const extensions = hello.left > 0 ? hello.vector(2) : hello
  while (extensions.left > 0) {
    const type = extensions.number(2)
    const body = extensions.vector(2)
    if (type === SERVER_NAME) serverName = readServerName(body)
    else if (type === ALPN) protocols = readProtocols(body.vector(2))
  }
  return { type: 'hello', serverName, protocols }
}

function readServerName(body: Fields): string | undefined {
  const names = body.vector(2)
  while (names.left > 0) {
    const type = names.number(1)
    const name = names.vector(2)
    if (type === 0) return name.text().toLowerCase()
  }
  return undefined
}

function readProtocols(list: Fields): string[] {
  const protocols: string[] = []
  while (list.left > 0) protocols.push(list.vector(1).text())
  return protocols
}

/** Reads a message's fields one after the other. @throws Malformed when it ends before they do */
class Fields {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new Malformed('ClientHello is cut short')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  number(width: number): number {
    return this.bytes(width).readUIntBE(0, width)
  }

  /** A field that says its own length in `width` bytes (RFC 8446 §3.4). */
  vector(width: number): Fields {
    return new Fields(this.bytes(this.number(width)))
  }

  text(): string {
    return this.#bytes.toString('latin1', this.#at)
  }
}
