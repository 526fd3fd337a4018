import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { PerMessageDeflateOptions } from 'ws'
import { CLOSE_CODES, type CloseCodes, checkCloseCode } from './close-codes.ts'
import { MAX_PING_BYTES } from './heartbeat.ts'
import { originTest } from './origins.ts'

export type HeaderFields = Readonly<Record<string, string | readonly string[]>>

/** What a mounted class may say of itself in `static options`; docs/websockets.md has them with their defaults. */
export interface ServerOptions {
  /** Subprotocols that it speaks, the one preferred first. */
  readonly protocols?: readonly string[]
  /** Refuses (400) who offers none of them. */
  readonly requireProtocol?: boolean
  /** Further headers of the handshake's answer. */
  readonly headers?: HeaderFields
  /** Patterns of foreign origins whose pages may connect, as strangers; see `originTest`. */
  readonly allowedOrigins?: readonly string[]
  /** Lets in pages without an origin (`Origin: null`: sandboxed frames, files), as strangers. */
  readonly allowNullOrigin?: boolean
  /** `Server` header of the handshake's answer. */
  readonly serverName?: string | undefined
  /** The port that clients see, when what stands before does not tell it. */
  readonly externalPort?: number | undefined
  /** Bytes of a message, and of a frame. */
  readonly maxMessageBytes?: number
  readonly maxFrameBytes?: number | undefined
  /** Milliseconds that `onConnect` may take. */
  readonly openHandshakeTimeoutMs?: number
  readonly closeHandshakeTimeoutMs?: number
  readonly pingIntervalMs?: number
  readonly pingTimeoutMs?: number
  readonly pingPayload?: string
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions
  readonly closeCodes?: CloseCodes
  /** Connections at once, of all clients of the mount. */
  readonly maxConnections?: number
  /** Bytes that may wait for a client that does not read. */
  readonly maxBacklogBytes?: number
}

export interface CheckedServerOptions extends Required<ServerOptions> {
  readonly closeCodes: Required<CloseCodes>
}

export const SERVER_DEFAULTS: CheckedServerOptions = {
  protocols: [],
  requireProtocol: false,
  headers: {},
  allowedOrigins: [],
  allowNullOrigin: false,
  serverName: undefined,
  externalPort: undefined,
  maxMessageBytes: 1024 * 1024,
  maxFrameBytes: undefined,
  openHandshakeTimeoutMs: 5000,
  closeHandshakeTimeoutMs: 1000,
  pingIntervalMs: 30_000,
  pingTimeoutMs: 20_000,
  pingPayload: '',
  perMessageDeflate: false,
  closeCodes: CLOSE_CODES,
  maxConnections: 10_000,
  maxBacklogBytes: 1024 * 1024,
}

/** Headers that make the handshake. */
const RESERVED_HEADER = /^(connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/i
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** @throws Error that names the option and the mend */
export function checkServerOptions(options: ServerOptions): CheckedServerOptions {
  const checked = { ...SERVER_DEFAULTS, ...options, closeCodes: { ...CLOSE_CODES, ...options.closeCodes } }
  checkNames(checked, SERVER_DEFAULTS)
  checkProtocols(checked.protocols)
  checkHeaders(checked.headers)
  originTest(checked.allowedOrigins)
  if (checked.serverName !== undefined) validateHeaderValue('serverName', checked.serverName)
  if (
    checked.externalPort !== undefined &&
    !(Number.isInteger(checked.externalPort) && checked.externalPort > 0 && checked.externalPort < 65_536)
  )
    throw new RangeError(`externalPort is ${checked.externalPort}; say 1 to 65535`)
  checkShared(checked, CLOSE_CODES)
  checkNumbers(checked, ['openHandshakeTimeoutMs', 'maxConnections'])
  return checked
}

type SharedOptions = Pick<Required<ServerOptions>, 'closeCodes' | 'pingPayload' | 'pingIntervalMs' | (typeof SHARED)[number]>

/** What both sides have. @param codes names of close codes that the side has */
export function checkShared(options: SharedOptions, codes: object): void {
  checkNames(options.closeCodes, codes, 'closeCodes.')
  for (const [name, code] of Object.entries(options.closeCodes)) checkCloseCode(code, `closeCodes.${name}`)
  if (Buffer.byteLength(options.pingPayload) > MAX_PING_BYTES) throw new RangeError(`pingPayload is over ${MAX_PING_BYTES} bytes`)
  checkNumbers(options, SHARED)
  checkNumbers(options, ['pingIntervalMs'], 0)
}

const SHARED = ['maxMessageBytes', 'maxFrameBytes', 'closeHandshakeTimeoutMs', 'pingTimeoutMs', 'maxBacklogBytes'] as const

/** @throws TypeError for a name that is none */
export function checkNames(options: object, known: object, prefix = ''): void {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(known, name)) throw new TypeError(`${prefix}${name} is no option; there are ${Object.keys(known).join(', ')}`)
}

export function checkProtocols(protocols: readonly string[]): void {
  for (const protocol of protocols)
    if (!TOKEN.test(protocol)) throw new TypeError(`${JSON.stringify(protocol)} is no name of a subprotocol`)
}

/** @throws TypeError for a name or value that cannot be, or a header that the handshake makes itself */
export function checkHeaders(headers: HeaderFields): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    for (const each of [value].flat()) validateHeaderValue(name, each as string)
    if (RESERVED_HEADER.test(name)) throw new TypeError(`the header ${name} is the handshake's own`)
  }
}

/** The most that a number may be: timers and `ws` hold no more. */
const MOST = 2 ** 31 - 1

export function checkNumbers<K extends string>(
  options: Readonly<Partial<Record<K, number | undefined>>>,
  names: readonly K[],
  least = 1,
): void {
  for (const name of names) {
    const value = options[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= MOST))
      throw new RangeError(`${name} is ${value}; say a whole number from ${least} to ${MOST}`)
  }
}
