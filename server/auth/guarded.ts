import type { Procedure } from '../../shared/contract/define.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'
import type { Audit } from './audit.ts'

type Handle = (input: Record<string, unknown>, caller: Caller) => Promise<unknown>

/** What the contract says of every procedure, whatever transport asks: some are not for keys, and what changes something is written down. */
export function guarded(handlers: Handlers, audit: Audit): Handlers {
  const wrap = (name: ProcedureName): Handle => {
    const { notByKey, method }: Procedure = procedures[name]
    const handle = handlers[name] as unknown as Handle
    return async (input, caller) => {
      if (notByKey && caller.avatar.isKey) throw new PortholeError('auth.role', 'this is not for keys')
      const output = await handle(input, caller)
      const by = caller.avatar.user ?? textOf(output, 'user')
      if (method !== 'GET' && by !== undefined)
        await audit.record({ what: name, by, subject: subjectOf(input, output, by), address: caller.address })
      return output
    }
  }
  return Object.fromEntries((Object.keys(procedures) as ProcedureName[]).map((name) => [name, wrap(name)])) as unknown as Handlers
}

/** What it was about: the camera, and the user or key; never a secret. */
function subjectOf(input: Record<string, unknown>, output: unknown, by: string): string | undefined {
  const about = [textOf(input, 'id') ?? textOf(output, 'id'), textOf(input, 'user') ?? textOf(input, 'name'), textOf(input, 'key')]
  return about.filter((text) => text !== undefined && text !== by).join(' ') || undefined
}

const textOf = (of: unknown, name: string): string | undefined => {
  const value = typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : undefined
}
