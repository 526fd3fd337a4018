import type { SerializerName } from '../../shared/wamp/serializer.ts'
import { ConfigError } from '../base/errors.ts'
import type { ProxyOptions } from '../wamp/websocket/proxy.ts'
import { oneOf } from './arguments.ts'

interface RunOption {
  /** What stands for its value in the help; none for switches. */
  readonly value?: string
  readonly many?: true
  readonly text: string
}

/** Options of `porthole run`, in the order of its help; docs/components.md has them too. */
export const RUN_OPTIONS = {
  url: { value: 'URL', text: 'the router: ws://, wss://, or by RawSocket rs://host:port, rss://host:port' },
  realm: { value: 'REALM', text: 'the realm to join' },
  extra: { value: 'JSON', text: "handed to the module's functions as extra" },
  authid: { value: 'ID', text: 'who signs in' },
  auth: {
    value: 'METHOD',
    text: 'the only way to sign in: ticket, wampcra, scram, cryptosign, anonymous; else every one that there is a secret for',
  },
  serializers: { value: 'NAMES', text: 'what to offer, the one preferred first; cbor,msgpack,json unless told' },
  header: { value: "'NAME: VALUE'", many: true, text: 'a header of the request that opens the WebSocket; may be repeated' },
  proxy: { value: 'HOST:PORT', text: 'an HTTP proxy to go through' },
  ca: { value: 'FILE', text: 'certificates to trust instead of the usual ones (PEM)' },
  cert: { value: 'FILE', text: 'a certificate to show the server (PEM)' },
  key: { value: 'FILE', text: "the certificate's key (PEM)" },
  insecure: { text: 'takes any certificate: for trying out' },
  'no-reconnect': { text: 'ends when the connection does' },
  'log-level': { value: 'LEVEL', text: 'trace, debug, info, warn, error, silent; info unless told' },
  help: { text: 'shows this' },
} as const satisfies Record<string, RunOption>

/** Secrets of `porthole run`: a command line is seen by everybody on the machine. They are taken out of the environment before the module is loaded. */
export const RUN_SECRETS = {
  PORTHOLE_RUN_TICKET: 'ticket, password or API key, for --auth ticket',
  PORTHOLE_RUN_SECRET: 'secret for --auth wampcra',
  PORTHOLE_RUN_PASSWORD: 'password for --auth scram',
  PORTHOLE_RUN_KEY: 'private key for --auth cryptosign: its 32 bytes in hexadecimal',
  PORTHOLE_RUN_AUTHORIZATION: "the opening request's Authorization header",
  PORTHOLE_RUN_PROXY_AUTHORIZATION: "the proxy's Proxy-Authorization header",
} as const

export type RunSecrets = Partial<Record<keyof typeof RUN_SECRETS, string>>

export const runHelp = (): string => {
  const options = Object.entries<RunOption>(RUN_OPTIONS).map(([name, { value, text }]) => [`--${name}${value ? ` ${value}` : ''}`, text])
  const rows = [...options, ['', ''], ...Object.entries(RUN_SECRETS)] as [string, string][]
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  const table = rows.map(([left, text]) => `  ${left.padEnd(width)}${text}`.trimEnd()).join('\n')
  return `porthole run MODULE --url URL --realm REALM [options]

Hosts a WAMP component: a TypeScript or JavaScript module that exports onJoin, and onLeave and onDisconnect if it likes.

${table}
`
}

/** Takes the secrets out of the environment. */
export function takeSecrets(env: NodeJS.ProcessEnv): RunSecrets {
  const found: RunSecrets = {}
  for (const name of Object.keys(RUN_SECRETS) as (keyof typeof RUN_SECRETS)[]) {
    const value = env[name]
    delete env[name]
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

/** @throws ConfigError */
export function readExtra(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new ConfigError(`--extra is no JSON: ${(error as Error).message}`)
  }
}

/** `Name: value`, of a form that a request can carry (RFC 9110 §5.5). @throws ConfigError */
export function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
    // A header may be a secret: only what stands before its colon is repeated.
    if (name === undefined) throw new ConfigError(`--header ${line.split(':', 1)[0]} is not of the form 'Name: value'`)
    headers[name] = (value as string).trim()
  }
  return headers
}

/** @throws ConfigError */
export function readSerializers(names: string): SerializerName[] {
  return names.split(',').map((name) => oneOf(name.trim(), ['cbor', 'msgpack', 'json'], '--serializers'))
}

/** `host:port`, with brackets around IPv6. @throws ConfigError */
export function readProxy(address: string, authorization: string | undefined): ProxyOptions {
  const wrong = new ConfigError(`--proxy ${address} is not of the form host:port`)
  if (/[/@]/.test(address) || !URL.canParse(`http://${address}`)) throw wrong
  const { hostname, port } = new URL(`http://${address}`)
  // A URL leaves its scheme's own port out.
  const number = port === '' && address.endsWith(':80') ? 80 : Number(port)
  if (hostname === '' || number === 0) throw wrong
  return { host: hostname.replace(/^\[|\]$/g, ''), port: number, ...(authorization !== undefined && { authorization }) }
}
