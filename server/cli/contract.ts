import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Procedure } from '../../shared/contract/define.ts'
import { type InputOf, type OutputOf, type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { requestOf } from '../../shared/contract/request.ts'
import { systemClock } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import { Links } from '../base/links.ts'
import { createLog } from '../base/log.ts'
import { dataDirectory } from '../config/config.ts'
import { openCore } from '../core.ts'
import { controlPath } from '../http/control.ts'
import { CommandError } from './command-error.ts'

/** Asks the contract of a data directory. */
export type Ask = <N extends ProcedureName>(name: N, input: InputOf<N>) => Promise<OutputOf<N>>

/**
 * Runs a command on a data directory: by the server that runs on it, else with its database opened here. Either way the contract is
 * asked over the control socket.
 * @throws ConfigError, CommandError
 */
export async function withContract<T>(told: string | undefined, command: (ask: Ask) => Promise<T>): Promise<T> {
  const data = dataDirectory(told, process.env)
  if (!existsSync(join(data, 'porthole.db')))
    throw new ConfigError(`there is no Porthole in ${data}; start one there first, or choose another with --data`)
  const path = controlPath(data)
  if (path === undefined) throw new ConfigError(`--data ${data} is too long for the path of a socket; choose a shorter one`)
  const log = createLog({ level: 'warn' })
  const lifecycle = new Lifecycle(log)
  const ask = askOver(path)
  try {
    if (!(await isServed(ask)))
      await openCore(
        {
          data,
          auth: undefined,
          webhooks: {},
          hasProxies: false,
          ownerPassword: undefined,
          runSource: () => undefined,
          links: new Links({ publicUrl: undefined, here: () => ({ local: 'http://localhost:8080', lan: [] }) }),
          demo: false,
          log,
          clock: systemClock,
        },
        lifecycle,
      )
    return await command(ask)
  } finally {
    await lifecycle.close()
  }
}

async function isServed(ask: Ask): Promise<boolean> {
  try {
    await ask('porthole.session.get', {})
    return true
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

const askOver =
  (socketPath: string): Ask =>
  async (name, input) => {
    const definition: Procedure = procedures[name]
    const { url, body } = requestOf(definition, input)
    const { status, text } = await exchange(socketPath, definition.method, url, body)
    const answer = text === '' ? null : JSON.parse(text)
    if (status >= 400) throw new CommandError(answer?.detail ?? answer?.title ?? `refused with status ${status}`)
    return answer
  }

const exchange = (socketPath: string, method: string, path: string, body: string | undefined) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    request({ socketPath, method, path, headers, agent: false }, async (response) => {
      try {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(await response.toArray()).toString() })
      } catch (error) {
        reject(error)
      }
    })
      .once('error', reject)
      .end(body)
  })
