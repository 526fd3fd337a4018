import { type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'
import type { Audit } from './audit.ts'

type Input = Record<string, unknown>
type Handle = (input: Input, caller: Caller) => Promise<unknown>

/** What ids are of: it is gone when the entry is written. */
export interface Names {
  readonly keyName: (id: string) => string | undefined
  readonly sessionUser: (id: string) => Promise<string | undefined>
}

/** What the contract says of every procedure, whatever transport asks: some are not for keys, and what changes something is written down. */
export function guarded(handlers: Handlers, audit: Audit, names: Names): Handlers {
  const wrap = (name: ProcedureName): Handle => {
    const { notByKey, method, path, passing = [] }: Procedure = procedures[name]
    const unrecorded = new Set([...passing, ...pathParameters(path)])
    const handle = handlers[name] as unknown as Handle
    return async (input, caller) => {
      if (notByKey && caller.avatar.isKey) throw new PortholeError('auth.role', 'this is not for keys')
      const passes = passing.length > 0 && Object.keys(input).every((field) => unrecorded.has(field))
      if (method === 'GET' || passes) return handle(input, caller)
      const about = await aboutOf(name, input, names)
      const output = await handle(input, caller)
      // Who signs in is who they are from then on.
      const by = name === 'porthole.session.create' ? textOf(output, 'user') : caller.avatar.user
      const id = textOf(input, 'id') ?? textOf(input, 'stage') ?? textOf(input, 'webhook') ?? textOf(output, 'id')
      const words = [id, ...about].filter((word) => word !== undefined)
      if (by !== undefined) await audit.record({ what: name, by, subject: words.join(' ') || undefined, address: caller.address })
      return output
    }
  }
  return Object.fromEntries((Object.keys(procedures) as ProcedureName[]).map((name) => [name, wrap(name)])) as unknown as Handlers
}

/** What it is about beside the id: the user or the name, and what becomes of them; never a secret. */
async function aboutOf(name: ProcedureName, input: Input, { keyName, sessionUser }: Names): Promise<(string | undefined)[]> {
  const [key, session, share] = [textOf(input, 'key'), textOf(input, 'session'), textOf(input, 'share')]
  if (session !== undefined) return [await sessionUser(session)]
  // A rotated key is its own output's id.
  if (key !== undefined) return name.endsWith('.rotate') && !name.includes('publish') ? [keyName(key)] : [key, keyName(key)]
  if (share !== undefined) return name.endsWith('.delete') ? [share] : []
  if (name === 'porthole.share.create') return [textOf(input, 'camera') ?? [input.cameras].flat().join(', ')]
  if (name === 'porthole.session.create') return []
  const user = name.startsWith('porthole.user.') ? [textOf(input, 'role'), 'password' in input ? 'password' : undefined] : []
  return [textOf(input, 'name'), textOf(input, 'user'), textOf(input, 'participant'), ...user]
}

const textOf = (of: unknown, name: string): string | undefined => {
  const value = typeof of === 'object' && of !== null ? (of as Input)[name] : undefined
  return typeof value === 'string' ? value : undefined
}
