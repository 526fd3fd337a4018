import { type BlockList, isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from '../base/errors.ts'
import { networkList } from '../base/networks.ts'
import type { AcmeAccount } from '../door/acme-order.ts'
import { acmeAccount } from './acme.ts'
import { EMPTY_FILE, type FileConfig, readFileConfig } from './file.ts'

/** Everything `serve` can be told, checked. */
export interface Config {
  readonly port: number
  readonly host: string
  readonly lan: boolean
  readonly publicUrl: URL | undefined
  /** Proxies whose word on the client is taken. */
  readonly trustProxy: BlockList | undefined
  readonly data: string
  /** Files of the operator's own certificate. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** What a certificate is ordered for. */
  readonly acme: AcmeAccount | undefined
  /** What the configuration file says. */
  readonly file: FileConfig
  readonly demo: boolean
  readonly open: boolean
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Never printed, never kept after the first start. */
  readonly ownerPassword: string | undefined
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const MIN_PASSWORD_CHARS = 8

const OPTIONS = {
  port: { type: 'string', help: 'port to listen on (8080; 0 takes a free one)', value: 'PORT' },
  host: { type: 'string', help: 'address to listen on (127.0.0.1)', value: 'HOST' },
  lan: { type: 'boolean', help: 'listen on all addresses of this machine; needs an owner password' },
  'public-url': { type: 'string', help: 'where users reach this server, when a proxy or name stands before it', value: 'URL' },
  'trust-proxy': { type: 'string', help: 'networks of proxies whose X-Forwarded headers are believed: CIDR,...', value: 'CIDR' },
  'tls-cert': { type: 'string', help: 'certificate for https, with its chain (PEM); one of a local authority without', value: 'FILE' },
  'tls-key': { type: 'string', help: 'its private key (PEM)', value: 'FILE' },
  acme: { type: 'boolean', help: "get the certificate of --public-url's name from Let's Encrypt, whose terms you accept" },
  data: { type: 'string', help: 'folder for everything that is kept (~/.local/share/porthole)', value: 'DIR' },
  config: {
    type: 'string',
    help: 'configuration file (JSON): services, mounts and limits of the port, who verifies, WAMP realms',
    value: 'FILE',
  },
  demo: { type: 'boolean', help: 'have the demo camera "azalea"' },
  open: { type: 'boolean', help: 'open the dashboard in the browser' },
  'log-level': { type: 'string', help: `least severe log line: ${LEVELS.join(', ')} (info)`, value: 'LEVEL' },
} as const

/** The options as lines of help. */
export const optionHelp = (): string =>
  Object.entries(OPTIONS)
    .map(([name, option]) => `  --${name}${'value' in option ? ` ${option.value}` : ''}`.padEnd(24) + option.help)
    .join('\n')

/**
 * Reads the command line, then the environment (`PORTHOLE_PORT` for `--port`, and so on).
 * @throws ConfigError that names the option
 */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  const given = parse(argv)
  const text = (name: keyof typeof OPTIONS): string | undefined => {
    const value = given[name] ?? env[`PORTHOLE_${name.toUpperCase().replaceAll('-', '_')}`]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const flag = (name: keyof typeof OPTIONS): boolean => {
    if (given[name] !== undefined) return given[name] === true
    const value = text(name)?.toLowerCase()
    if (value === undefined || ['0', 'false', 'no'].includes(value)) return false
    if (['1', 'true', 'yes'].includes(value)) return true
    throw new ConfigError(`PORTHOLE_${name.toUpperCase()} is ${JSON.stringify(value)}; say true or false`)
  }
  const lan = flag('lan')
  const ownerPassword = env.PORTHOLE_OWNER_PASSWORD || undefined
  if (ownerPassword !== undefined && ownerPassword.length < MIN_PASSWORD_CHARS)
    throw new ConfigError(`PORTHOLE_OWNER_PASSWORD has ${ownerPassword.length} characters; it needs at least ${MIN_PASSWORD_CHARS}`)
  const host = text('host')
  if (lan && host !== undefined) throw new ConfigError('--lan and --host exclude each other; --lan listens on all addresses')
  if (host !== undefined && !isIP(host) && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    throw new ConfigError(`--host ${host} is neither an address nor a name`)
  const reached = publicUrl(text('public-url'))
  const tls = tlsFiles(text('tls-cert'), text('tls-key'))
  const said = file(text('config'))
  return {
    port: port(text('port') ?? '8080'),
    host: lan ? '0.0.0.0' : (host ?? '127.0.0.1'),
    lan,
    publicUrl: reached,
    data: dataDirectory(text('data'), env),
    trustProxy: networks(text('trust-proxy')),
    tls,
    acme: flag('acme') || said.acme ? acme(said, reached, tls) : undefined,
    file: said,
    demo: flag('demo'),
    open: flag('open'),
    logLevel: level(text('log-level') ?? 'info'),
    ownerPassword,
  }
}

/** Where everything is kept, unless told. */
export const dataDirectory = (told: string | undefined, env: Readonly<Record<string, string | undefined>>): string =>
  resolve(told || env.PORTHOLE_DATA || join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'porthole'))

function parse(argv: readonly string[]): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowNegative: true }).values
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; see porthole serve --help`)
  }
}

function port(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > 65_535) throw new ConfigError(`--port ${value} is not a port; say a number from 0 to 65535`)
  return number
}

function publicUrl(value: string | undefined): URL | undefined {
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`--public-url ${value} is not an address; say something like https://camera.example`)
  return url
}

function networks(value: string | undefined): BlockList | undefined {
  if (value === undefined) return undefined
  try {
    return networkList(value.split(',').map((network) => network.trim()))
  } catch (error) {
    throw new ConfigError(`--trust-proxy: ${(error as Error).message}`)
  }
}

function tlsFiles(cert: string | undefined, key: string | undefined): Config['tls'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined)
    throw new ConfigError(`--tls-cert and --tls-key belong together; ${cert ? '--tls-key' : '--tls-cert'} is missing`)
  return { cert: resolve(cert), key: resolve(key) }
}

function file(path: string | undefined): FileConfig {
  if (path === undefined) return EMPTY_FILE
  try {
    return readFileConfig(resolve(path))
  } catch (error) {
    throw new ConfigError(`--config ${path}: ${(error as Error).message}`)
  }
}

function acme({ acme: options = {} }: FileConfig, publicUrl: URL | undefined, tls: Config['tls']): AcmeAccount {
  if (tls) throw new ConfigError('--acme and --tls-cert exclude each other; one of them brings the certificate')
  try {
    return acmeAccount(options, publicUrl)
  } catch (error) {
    throw new ConfigError((error as Error).message)
  }
}

function level(value: string): Config['logLevel'] {
  const found = LEVELS.find((known) => known === value)
  if (!found) throw new ConfigError(`--log-level ${value} is not known; say one of ${LEVELS.join(', ')}`)
  return found
}
