import { everything } from '../../shared/client/everything.ts'
import type { Key } from '../../shared/model/key.ts'
import { USER_ROLES } from '../../shared/model/session.ts'
import { ConfigError } from '../base/errors.ts'
import { none, one, oneOf, print, readArguments } from './arguments.ts'
import { CommandError } from './command-error.ts'
import { type Ask, withContract } from './contract.ts'

export const keyHelp = `porthole key add --camera ID [--name TEXT] [--data DIR]
porthole key add --user NAME [--role ${USER_ROLES.join('|')}] [--name TEXT]
porthole key list [--json]
porthole key rm ID

Keys: of a camera, which feed it and do nothing else; or of a user, as whom they ask. A key is printed once, and only its hash is kept.
`

/** `porthole key ...` */
export async function key(argv: readonly string[]): Promise<void> {
  const options = { camera: { type: 'string' }, user: { type: 'string' }, role: { type: 'string' }, name: { type: 'string' } } as const
  const { values, positionals } = readArguments(argv, options)
  const [verb, ...words] = positionals
  if (values.help) return void process.stdout.write(keyHelp)
  const { camera, user, role, name } = values
  switch (verb) {
    case 'add': {
      if ((camera === undefined) === (user === undefined)) throw new ConfigError('say either --camera ID or --user NAME')
      if (camera !== undefined && role !== undefined)
        throw new ConfigError('--role is for keys of users; those of a camera feed it and do nothing else')
      const atMost = role === undefined ? {} : { role: oneOf(role, USER_ROLES, '--role') }
      return withContract(values.data, async (ask) => {
        const made =
          camera !== undefined
            ? await ask('porthole.publish_key.create', { id: camera, ...(name !== undefined && { name }) })
            : await ask('porthole.key.create', { name: name ?? 'Command line', user: user as string, ...atMost })
        process.stdout.write(`${made.key}\n`)
      })
    }
    case 'list':
      none(words)
      return withContract(values.data, async (ask) =>
        print(await all(ask), ['id', 'name', 'user', 'camera', 'role', 'createdAt', 'usedAt'], values.json),
      )
    case 'rm': {
      const id = one(words, 'id')
      return withContract(values.data, async (ask) => {
        const found = (await all(ask)).find((row) => row.id === id)
        if (!found) throw new CommandError('There is no such key.')
        if (found.camera === undefined) await ask('porthole.key.delete', { key: id })
        else await ask('porthole.publish_key.delete', { id: found.camera, key: id })
      })
    }
    default:
      throw new ConfigError('say what to do: porthole key add, list, rm; see porthole key --help')
  }
}

async function all(ask: Ask): Promise<Key[]> {
  const keys: Key[] = await everything(ask, 'porthole.key.list', {})
  for (const { id } of await everything(ask, 'porthole.camera.list', {}))
    keys.push(...(await everything(ask, 'porthole.publish_key.list', { id })))
  return keys
}
