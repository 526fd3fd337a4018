import type { BlockList } from 'node:net'
import type { Duplex } from 'node:stream'
import Type, { type Static } from 'typebox'
import type { Role } from '../../shared/model/session.ts'
import type { Target } from '../base/dial.ts'
import type { Log } from '../base/log.ts'
import { networkList } from '../base/networks.ts'
import type { Service } from './connection.ts'
import type { SilentRule } from './door.ts'
import { prefixRule, regexRule, requestRule } from './operator-rules.ts'
import { PROTOCOLS } from './protocols.ts'
import { type Classifier, MAX_PREFIX_BYTES, type Rule } from './rules.ts'
import { join, upstream } from './upstream.ts'

const strict = { additionalProperties: false } as const

/** Milliseconds of silence after which a server-speaks-first service gets a connection, unless told; the door's deadline is the most. */
const SILENT_MS = 1000

/** Which connections are a service's: exactly one of protocol, prefix, prefixHex, regex, host and/or path, silentFrom. */
export const MatchSchema = Type.Object(
  {
    protocol: Type.Optional(
      Type.Union([
        Type.Literal('tls'),
        Type.Literal('ssh'),
        Type.Literal('mqtt'),
        Type.Literal('rtmp'),
        Type.Literal('rtsp'),
        Type.Literal('rawSocket'),
      ]),
    ),
    prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    prefixHex: Type.Optional(Type.String({ pattern: '^([0-9a-fA-F]{2}){1,256}$' })),
    regex: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    /** Bytes that the regular expression may wait for. */
    bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PREFIX_BYTES })),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    path: Type.Optional(Type.String({ pattern: '^/' })),
    silentFrom: Type.Optional(Type.Array(Type.String())),
    afterMs: Type.Optional(Type.Integer({ minimum: 50, maximum: 2900 })),
  },
  strict,
)

/** A service of the configuration: a byte stream in another process. */
export const ServiceSchema = Type.Object(
  {
    match: Type.Optional(MatchSchema),
    to: Type.String({ minLength: 1, maxLength: 512 }),
    proxyProtocol: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(2)])),
    /** Who may reach it over `/ws/tunnel/NAME`; `owner` unless told, false for nobody. */
    tunnel: Type.Optional(Type.Union([Type.Literal(false), Type.Literal('owner'), Type.Literal('operator'), Type.Literal('viewer')])),
    /** Whether it is looked for in plain connections, inside TLS, or both. */
    inside: Type.Optional(Type.Union([Type.Literal('plain'), Type.Literal('tls'), Type.Literal('both')])),
  },
  strict,
)
export type Match = Static<typeof MatchSchema>
export type ServiceOptions = Static<typeof ServiceSchema>

/** What the door needs to know of services in other processes. */
export interface Services {
  readonly plain: readonly Rule<Service>[]
  readonly insideTls: readonly Rule<Service>[]
  readonly silent: readonly SilentRule[]
  /** Services that a WebSocket may carry, by name. */
  readonly tunnels: ReadonlyMap<string, Tunnel>
}

export interface Tunnel {
  readonly role: Role
  /** Joins a byte stream to the service. @param onFailed told when the service was not reached; the stream is the caller's to end */
  readonly open: (near: Duplex, onFailed: () => void) => void
}

/** @throws Error that names the key under `services` and the mend */
export function buildServices(options: Readonly<Record<string, ServiceOptions>>, log: Log): Services {
  const plain: Rule<Service>[] = []
  const insideTls: Rule<Service>[] = []
  const silent: SilentRule[] = []
  const tunnels = new Map<string, Tunnel>()
  for (const [name, { match, to, proxyProtocol, tunnel = 'owner', inside = 'both' }] of Object.entries(options)) {
    const target = { name, target: parseTarget(to, `services.${name}.to`), proxy: proxyProtocol, log }
    const service = upstream(target)
    if (tunnel) tunnels.set(name, { role: tunnel, open: (near, onFailed) => join(near, undefined, target, onFailed) })
    if (!match) continue
    const key = `services.${name}.match`
    const kinds = ['protocol', 'prefix', 'prefixHex', 'regex', 'silentFrom'].filter((kind) => kind in match)
    const asksRequest = match.host !== undefined || match.path !== undefined
    if (kinds.length + (asksRequest ? 1 : 0) !== 1)
      throw new Error(`${key} must say exactly one of protocol, prefix, prefixHex, regex, host and path, silentFrom`)
    if (match.silentFrom) {
      silent.push({ name, from: networksOf(match.silentFrom, `${key}.silentFrom`), afterMs: match.afterMs ?? SILENT_MS, service })
      continue
    }
    const rule: Rule<Service> = { name, test: classifierOf(match, key), service }
    if (inside !== 'tls') plain.push(rule)
    // TLS inside TLS is nobody's.
    if (inside !== 'plain' && match.protocol !== 'tls') insideTls.push(rule)
  }
  return { plain, insideTls, silent, tunnels }
}

function classifierOf(match: Match, key: string): Classifier {
  if (match.protocol) return PROTOCOLS[match.protocol]
  if (match.prefix) return prefixRule(Buffer.from(match.prefix))
  if (match.prefixHex) return prefixRule(Buffer.from(match.prefixHex, 'hex'))
  if (match.regex === undefined) return requestRule(match)
  try {
    return regexRule(new RegExp(match.regex), match.bytes)
  } catch (error) {
    throw new Error(`${key}.regex is no regular expression: ${(error as Error).message}`)
  }
}

function networksOf(networks: readonly string[], key: string): BlockList {
  if (networks.length === 0) throw new Error(`${key} names no network; say which clients may be silent, like 192.168.0.0/16`)
  try {
    return networkList(networks)
  } catch (error) {
    throw new Error(`${key}: ${(error as Error).message}`)
  }
}

/**
 * `host:port`, `tls://host:port` or `unix:/path`.
 * @param key named in the error
 * @throws Error
 */
export function parseTarget(text: string, key: string): Target {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) }
  const kind = text.startsWith('tls://') ? 'tls' : 'tcp'
  const [, host, port] = /^(?:tls:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|[^:/[\]]+):(\d{1,5})$/.exec(text) ?? []
  const number = Number(port)
  if (!port || number < 1 || number > 65_535)
    throw new Error(`${key} is ${JSON.stringify(text)}; say host:port, tls://host:port or unix:/path`)
  return { kind, host: host ?? (/^(?:tls:\/\/)?([^:]+):/.exec(text)?.[1] as string), port: number }
}
