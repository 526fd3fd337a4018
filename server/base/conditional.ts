import { type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { PortholeError } from './errors.ts'
import { etagOf, isAmong } from './etag.ts'
import type { Caller, Handlers } from './handlers.ts'
import { Turns } from './turns.ts'

type Handle = (input: Record<string, unknown>, caller: Caller) => Promise<unknown>

/**
 * Changes of one resource one after the other, whatever transport they come by, each under its condition: of two who change what both
 * read, one is told so (RFC 9110 §13.1.1).
 */
export function conditional(handlers: Handlers): Handlers {
  const turns = new Turns()
  const wrap = (name: ProcedureName): Handle => {
    const { changes }: Procedure = procedures[name]
    const handle = handlers[name] as unknown as Handle
    if (changes === undefined) return handle
    const { path, volatile }: Procedure = procedures[changes as ProcedureName]
    const get = handlers[changes as ProcedureName] as unknown as Handle
    const named = pathParameters(path)
    return (input, caller) => {
      const resource = Object.fromEntries(named.map((parameter) => [parameter, input[parameter]]))
      return turns.run(`${changes} ${JSON.stringify(resource)}`, async () => {
        if (caller.ifMatch && !isAmong(etagOf(await get(resource, caller), volatile), caller.ifMatch))
          throw new PortholeError('request.changed')
        return handle(input, caller)
      })
    }
  }
  return Object.fromEntries((Object.keys(procedures) as ProcedureName[]).map((name) => [name, wrap(name)])) as unknown as Handlers
}
