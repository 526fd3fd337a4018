import { METHODS } from 'node:http'
import { type Classifier, startsWith } from './rules.ts'

/** Characters of a method's name; the longest registered one has 17. */
const MAX_METHOD_CHARS = 20
/** Registered methods with the space behind them, by their first byte: nearly every connection begins with one. */
const KNOWN = Array.from({ length: 128 }, (_, first) =>
  METHODS.filter((name) => name.charCodeAt(0) === first).map((name) => Buffer.from(`${name} `)),
)

/** A TLS record of type handshake that begins with a ClientHello (RFC 8446 §5.1, §4): 22, 3, 0–4, length (2), 1. */
export const tls: Classifier = (prefix) => {
  if (prefix.length > 0 && prefix[0] !== 22) return 'no'
  if (prefix.length > 1 && prefix[1] !== 3) return 'no'
  if (prefix.length > 2 && (prefix[2] as number) > 4) return 'no'
  if (prefix.length < 6) return 'more'
  return prefix[5] === 1 ? 'match' : 'no'
}

const H2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** The connection preface of HTTP/2 (RFC 9113 §3.4). */
export const http2: Classifier = (prefix) => startsWith(prefix, H2_PREFACE)

/**
 * A request line of HTTP/1 (RFC 9112 §3). Matches at the first byte that leaves it possible: what has begun as HTTP is the HTTP
 * server's to refuse. Ask it last: `G` is `GET` only when no other rule waits for `GET_PARAMETER`.
 */
export const http1: Classifier = (prefix) => {
  // RFC 9112 §2.2: empty lines before a request are ignored.
  let at = 0
  while (prefix[at] === 13 || prefix[at] === 10) at++
  if (at >= prefix.length) return at > 4 ? 'no' : 'more'
  if (KNOWN[prefix[at] as number]?.some((name) => begins(prefix, at, name))) return 'match'
  const { token, next } = method(prefix, at)
  if (token === undefined) return 'no'
  if (next === undefined) return 'more'
  // A method that nobody registered is still a request when a path follows: the HTTP server answers 400.
  return next === '' ? 'more' : next === '/' ? 'match' : 'no'
}

/** Methods of RTSP that HTTP has not (RFC 7826 §13, RFC 2326 §10). */
const RTSP_METHODS = [
  ...['DESCRIBE', 'ANNOUNCE', 'SETUP', 'PLAY', 'PLAY_NOTIFY', 'PAUSE', 'TEARDOWN'],
  ...['GET_PARAMETER', 'SET_PARAMETER', 'REDIRECT', 'RECORD'],
]
/** Bytes of a request line that is still waited for. */
const MAX_LINE_BYTES = 4096

/** A request line of RTSP: a method of its own, or OPTIONS of an rtsp address or of `* RTSP/1.0`. */
export const rtsp: Classifier = (prefix) => {
  const { token, next } = method(prefix, 0)
  if (token === undefined) return 'no'
  if (next === undefined) return [...RTSP_METHODS, 'OPTIONS'].some((known) => known.startsWith(token)) ? 'more' : 'no'
  if (RTSP_METHODS.includes(token)) return 'match'
  if (token !== 'OPTIONS') return 'no'
  const target = prefix.toString('latin1', token.length + 1, token.length + 1 + MAX_LINE_BYTES)
  if (target === '' || 'rtsp'.startsWith(target.slice(0, 4).toLowerCase())) return target.length < 4 ? 'more' : 'match'
  if (target[0] !== '*') return 'no'
  const version = target.slice(1).trimStart()
  return version === '' ? 'more' : 'RTSP/'.startsWith(version.slice(0, 5)) ? (version.length < 5 ? 'more' : 'match') : 'no'
}

/**
 * The first chunk of RTMP: C0 with version 3, then C1 (RTMP specification 1.0 §5.2.2). A TPKT packet (RDP, RFC 1006) has the
 * same first byte, and an X.224 connection request (0xE0) where C1 has a zero or a version.
 */
export const rtmp: Classifier = (prefix) => {
  if (prefix.length > 0 && prefix[0] !== 3) return 'no'
  if (prefix.length < 6) return 'more'
  return prefix[1] === 0 && prefix[5] === 0xe0 ? 'no' : 'match'
}

const MQTT_NAMES = [Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54]), Buffer.from([0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70])]

/** CONNECT: type 1, the remaining length in one to four bytes, the protocol's name (MQTT 5.0 §3.1; 3.1 said MQIsdp). */
export const mqtt: Classifier = (prefix) => {
  if (prefix.length > 0 && prefix[0] !== 0x10) return 'no'
  let at = 1
  while (at < 4 && at < prefix.length && (prefix[at] as number) >= 0x80) at++
  if (at >= prefix.length) return 'more'
  if ((prefix[at] as number) >= 0x80) return 'no'
  const rest = prefix.subarray(at + 1)
  const verdicts = MQTT_NAMES.map((name) => startsWith(rest, name))
  return verdicts.find((verdict) => verdict === 'match') ?? (verdicts.includes('more') ? 'more' : 'no')
}

const SSH_BANNER = Buffer.from('SSH-')

/** The identification string (RFC 4253 §4.2). */
export const ssh: Classifier = (prefix) => startsWith(prefix, SSH_BANNER)

/** Magic 0x7F, then length and serializer, then two zeros (WAMP specification, RawSocket handshake); no serializer has number 0. */
export const rawSocket: Classifier = (prefix) => {
  if (prefix.length > 0 && prefix[0] !== 0x7f) return 'no'
  if (prefix.length > 1 && ((prefix[1] as number) & 0x0f) === 0) return 'no'
  if (prefix.subarray(2, 4).some((byte) => byte !== 0)) return 'no'
  return prefix.length < 4 ? 'more' : 'match'
}

/** The protocols that a configuration may name. */
export const PROTOCOLS = { tls, http2, rtsp, rtmp, mqtt, ssh, rawSocket, http1 } as const satisfies Record<string, Classifier>
export type Protocol = keyof typeof PROTOCOLS

/** The token at `at`, and the character after the space behind it: '' when that has not come, undefined while the token goes on. */
function method(prefix: Buffer, at: number): { token: string | undefined; next: string | undefined } {
  let end = at
  while (end < prefix.length && isTokenByte(prefix[end] as number, end > at)) end++
  const goesOn = end === prefix.length
  if (end - at > MAX_METHOD_CHARS || (end === at && !goesOn) || (!goesOn && prefix[end] !== SPACE))
    return { token: undefined, next: undefined }
  const token = prefix.toString('latin1', at, end)
  return { token, next: goesOn ? undefined : prefix.toString('latin1', end + 1, end + 2) }
}

/** Whether the bytes at `at` are those of `name`, as far as they go. */
function begins(prefix: Buffer, at: number, name: Buffer): boolean {
  for (let i = 0; i < name.length && at + i < prefix.length; i++) if (prefix[at + i] !== name[i]) return false
  return true
}

const SPACE = 32

/** A to Z; behind the first also underscores and dashes. */
const isTokenByte = (byte: number, behind: boolean) => (byte >= 65 && byte <= 90) || (behind && (byte === 95 || byte === 45))
