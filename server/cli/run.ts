import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ConfigError } from '../base/errors.ts'
import { createLog, type LogOptions } from '../base/log.ts'
import { Component } from '../wamp/client/component.ts'
import { checkRouterUrl, connect } from '../wamp/client/connect.ts'
import { GaveUpError } from '../wamp/client/giving-up.ts'
import type { TlsOptions } from '../wamp/websocket/open.ts'
import { one, oneOf } from './arguments.ts'
import { CommandError } from './command-error.ts'
import { loadComponent } from './component-module.ts'
import { authFor } from './run-auth.ts'
import { type RUN_OPTIONS, readExtra, readHeaders, readProxy, readSerializers, runHelp, takeSecrets } from './run-options.ts'

const LEVELS: readonly LogOptions['level'][] = ['trace', 'debug', 'info', 'warn', 'error', 'silent']
/** Milliseconds that a module's own timers and sockets may keep the process after its component ended. */
const LINGER_MS = 300
/** Milliseconds that a stop may take before the process ends without it. */
const STOP_MS = 4500

/** `porthole run MODULE`: hosts a component until it leaves, gives up, or SIGINT or SIGTERM. */
export async function run(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readRunArguments(argv)
  if (values.help) return void process.stdout.write(runHelp())
  const module = one(positionals, 'module')
  const { url, realm } = values
  if (url === undefined || realm === undefined)
    throw new ConfigError(`say --${url === undefined ? 'url' : 'realm'}; see porthole run --help`)
  const secrets = takeSecrets(process.env)
  const log = createLog({ level: oneOf(values['log-level'] ?? 'info', LEVELS, '--log-level') })
  const { PORTHOLE_RUN_AUTHORIZATION: authorization, PORTHOLE_RUN_PROXY_AUTHORIZATION: proxyAuthorization } = secrets
  const connecting = {
    url: checkUrl(url),
    headers: { ...readHeaders(values.header ?? []), ...(authorization !== undefined && { Authorization: authorization }) },
    tls: readTls(values),
    ...(values.serializers !== undefined && { serializers: readSerializers(values.serializers) }),
    ...(values.proxy !== undefined && { proxy: readProxy(values.proxy, proxyAuthorization) }),
  }
  const auth = authFor(values.auth, values.authid, secrets)
  const extra = values.extra === undefined ? undefined : readExtra(values.extra)
  const stop = stopSignal()
  // A module that does not await a call would else end with the first connection that is lost.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected, and nobody looked'))
  const callbacks = await loadComponent(module)
  const component = new Component(callbacks, {
    ...{ realm, auth, extra, log },
    ...(values['no-reconnect'] && { reconnect: false }),
    async connect(signal) {
      // A query may carry a token.
      log.info({ url: url.split(/[?#]/, 1)[0] }, 'connecting')
      return connect({ ...connecting, signal })
    },
  })
  try {
    await component.run(stop)
  } catch (error) {
    if (error instanceof GaveUpError) throw new CommandError(`gave up: ${error.message}`)
    throw error
  } finally {
    // What the module left open must not hold up who waits for this process.
    setTimeout(() => process.exit(), LINGER_MS).unref()
  }
}

function readRunArguments(argv: readonly string[]) {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  const help = { type: 'boolean', short: 'h' } as const
  const header = { type: 'string', multiple: true } as const
  const options = {
    ...{ url: string, realm: string, extra: string, authid: string, auth: string, serializers: string, proxy: string },
    ...{ ca: string, cert: string, key: string, 'log-level': string, header, insecure: boolean, 'no-reconnect': boolean, help },
  } as const satisfies Record<keyof typeof RUN_OPTIONS, object>
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new ConfigError((error as Error).message.split('. ')[0] as string)
  }
}

function checkUrl(url: string): string {
  try {
    checkRouterUrl(url)
  } catch (error) {
    throw new ConfigError(`--url: ${(error as Error).message}`)
  }
  return url
}

function readTls({ ca, cert, key, insecure }: { ca?: string; cert?: string; key?: string; insecure?: boolean }): TlsOptions {
  if ((cert === undefined) !== (key === undefined)) throw new ConfigError('--cert and --key go together')
  const read = (name: string, file: string) => {
    try {
      return readFileSync(file)
    } catch (error) {
      throw new ConfigError(`--${name} ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
  }
  return {
    ...(ca !== undefined && { ca: read('ca', ca) }),
    ...(cert !== undefined && key !== undefined && { cert: read('cert', cert), key: read('key', key) }),
    ...(insecure && { rejectUnauthorized: false }),
  }
}

/** Aborts at SIGINT or SIGTERM. A second one changes nothing: the end is near anyway. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const end = () => {
    stop.abort(new Error('stopped'))
    setTimeout(() => process.exit(1), STOP_MS).unref()
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  return stop.signal
}
