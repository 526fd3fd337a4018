import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { API_PREFIX, type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import type { ErrorCode } from '../../shared/protocol/errors.ts'
import { PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'

/** Bytes of a JSON body. */
export const MAX_BODY_BYTES = 64 * 1024

/** Mounts every procedure of the contract: address, role, input schema and status come from there, nothing from here. */
export function mountContract(
  app: FastifyInstance,
  handlers: Handlers,
  callerOf: (request: FastifyRequest, reply: FastifyReply) => Caller,
): void {
  for (const name of Object.keys(procedures) as ProcedureName[]) {
    const definition: Procedure = procedures[name]
    const handle = handlers[name] as (input: unknown, caller: Caller) => Promise<unknown>
    const inPath = pathParameters(definition.path)
    const hasBody = definition.method === 'POST' || definition.method === 'PUT' || definition.method === 'PATCH'
    app.route({
      method: definition.method,
      url: API_PREFIX + definition.path,
      bodyLimit: MAX_BODY_BYTES,
      config: { role: definition.role, brief: true, ...(definition.camera && { camera: definition.camera }) },
      handler: async (request, reply) => {
        const input = inputOf(request, inPath, hasBody, definition.input as Schema)
        const output = await handle(input, callerOf(request, reply))
        reply.code(definition.status).header('cache-control', 'no-store')
        return definition.status === 204 ? reply.send() : output
      },
    })
  }
}

/** What a parameter of the path names: of a form that none has, there is none. */
const UNKNOWN: Readonly<Record<string, ErrorCode>> = {
  id: 'camera.unknown',
  name: 'user.unknown',
  user: 'user.unknown',
  key: 'key.unknown',
  session: 'session.unknown',
  share: 'share.unknown',
  stage: 'stage.unknown',
  participant: 'participant.unknown',
}

/** Path, query and body as the one object that the contract speaks of. */
function inputOf(request: FastifyRequest, inPath: string[], hasBody: boolean, schema: Schema): unknown {
  const params = request.params as Record<string, string>
  const rest: unknown = hasBody ? (request.body ?? {}) : fromQuery(request.query as Record<string, string>, schema)
  if (typeof rest !== 'object' || rest === null || Array.isArray(rest)) throw new PortholeError('request.invalid', 'body must be an object')
  for (const name of inPath) if (Object.hasOwn(rest, name)) throw new PortholeError('request.invalid', `${name} belongs in the path`)
  const input = { ...rest, ...Object.fromEntries(inPath.map((name) => [name, params[name]])) }
  const found = fault(schema, input)
  if (found !== undefined) {
    const parameter = inPath.find((name) => found.startsWith(`${name} `))
    throw new PortholeError(parameter === undefined ? 'request.invalid' : (UNKNOWN[parameter] ?? 'request.not-found'), found)
  }
  return input
}

/** A query's values are text; where the schema wants a number it becomes one. */
function fromQuery(query: Record<string, string>, schema: Schema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = schema.properties?.[name]?.type
      return [name, (type === 'integer' || type === 'number') && value !== '' && Number.isFinite(Number(value)) ? Number(value) : value]
    }),
  )
}
