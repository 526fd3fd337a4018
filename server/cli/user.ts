import { everything } from '../../shared/client/everything.ts'
import { USER_ROLES } from '../../shared/model/session.ts'
import { UserName } from '../../shared/model/user.ts'
import { fault } from '../../shared/protocol/check.ts'
import { ConfigError } from '../base/errors.ts'
import { none, one, oneOf, print, readArguments } from './arguments.ts'
import { withContract } from './contract.ts'
import { readPassword } from './password.ts'

export const userHelp = `porthole user add NAME [--role ${USER_ROLES.join('|')}] [--no-password] [--data DIR]
porthole user passwd NAME
porthole user role NAME ${USER_ROLES.join('|')}
porthole user list [--json]
porthole user rm NAME

Users of a data directory, with or without a server running on it. A password is PORTHOLE_PASSWORD, else asked for, else the first line
of the input. A new password ends the user's sessions; a user who is removed leaves their cameras to the owner.
`

function nameOf(words: readonly string[]): string {
  const name = one(words, 'name')
  if (fault(UserName, name)) throw new ConfigError(`${name} is no user name; say small letters, digits and . _ @ + -, at most 64`)
  return name
}

/** `porthole user ...` */
export async function user(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv, { role: { type: 'string' }, 'no-password': { type: 'boolean' } })
  const [verb, ...words] = positionals
  if (values.help) return void process.stdout.write(userHelp)
  switch (verb) {
    case 'add': {
      const [name, role] = [nameOf(words), oneOf(values.role ?? 'viewer', USER_ROLES, '--role')]
      const password = values['no-password'] ? {} : { password: await readPassword(name) }
      return withContract(values.data, async (ask) => void (await ask('porthole.user.create', { name, role, ...password })))
    }
    case 'passwd': {
      const name = one(words, 'name')
      const password = await readPassword(name)
      return withContract(values.data, async (ask) => void (await ask('porthole.user.update', { name, password })))
    }
    case 'role': {
      const [name, role, ...more] = words
      if (name === undefined || role === undefined || more.length > 0)
        throw new ConfigError('say a name and a role: porthole user role NAME ROLE')
      return withContract(values.data, async (ask) => {
        await ask('porthole.user.update', { name, role: oneOf(role, USER_ROLES, 'role') })
      })
    }
    case 'list':
      none(words)
      return withContract(values.data, async (ask) => {
        const users = await everything(ask, 'porthole.user.list', {})
        const withPassword = users.map((row) => ({ ...row, password: row.hasPassword ? 'yes' : (row.checker ?? 'none') }))
        print(values.json ? users : withPassword, ['name', 'role', 'password'], values.json)
      })
    case 'rm':
      return withContract(values.data, async (ask) => void (await ask('porthole.user.delete', { name: one(words, 'name') })))
    default:
      throw new ConfigError(`say what to do: porthole user add, passwd, role, list, rm; see porthole user --help`)
  }
}
