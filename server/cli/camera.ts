import { everything } from '../../shared/client/everything.ts'
import { CameraId } from '../../shared/model/camera.ts'
import { fault } from '../../shared/protocol/check.ts'
import { ConfigError } from '../base/errors.ts'
import { none, one, oneOf, print, readArguments } from './arguments.ts'
import { withContract } from './contract.ts'

const KINDS = ['browser', 'upload'] as const

export const cameraHelp = `porthole camera add NAME [--id ID] [--source ${KINDS.join('|')}] [--expires-in SECONDS] [--data DIR]
porthole camera list [--json]
porthole camera rm ID

Camera servers of a data directory. What is added prints its id.
`

/** `porthole camera ...` */
export async function camera(argv: readonly string[]): Promise<void> {
  const options = { id: { type: 'string' }, source: { type: 'string' }, 'expires-in': { type: 'string' } } as const
  const { values, positionals } = readArguments(argv, options)
  const [verb, ...words] = positionals
  if (values.help) return void process.stdout.write(cameraHelp)
  switch (verb) {
    case 'add': {
      const expiresIn = values['expires-in']
      if (expiresIn !== undefined && !(/^\d{1,9}$/.test(expiresIn) && Number(expiresIn) >= 60))
        throw new ConfigError(`--expires-in ${expiresIn} is no number of seconds, 60 at least`)
      if (values.id !== undefined && fault(CameraId, values.id))
        throw new ConfigError(`--id ${values.id} is no id; say small letters, digits and dashes`)
      const input = {
        name: one(words, 'name; put one with spaces in quotes'),
        source: { kind: oneOf(values.source ?? 'browser', KINDS, '--source') },
        ...(values.id !== undefined && { id: values.id }),
        ...(expiresIn !== undefined && { expiresIn: Number(expiresIn) }),
      }
      return withContract(values.data, async (ask) => {
        const { id } = await ask('porthole.camera.create', input)
        process.stdout.write(`${id}\n`)
      })
    }
    case 'list':
      none(words)
      return withContract(values.data, async (ask) => {
        const cameras = await everything(ask, 'porthole.camera.list', {})
        const rows = values.json ? cameras : cameras.map((row) => ({ ...row, source: row.source.kind, expires: row.expiresAt }))
        print(rows, ['id', 'name', 'owner', 'source', 'expires'], values.json)
      })
    case 'rm':
      return withContract(values.data, async (ask) => void (await ask('porthole.camera.delete', { id: one(words, 'id') })))
    default:
      throw new ConfigError('say what to do: porthole camera add, list, rm; see porthole camera --help')
  }
}
