import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { API_PREFIX, type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import type { ErrorCode } from '../../shared/protocol/errors.ts'
import { PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'
import { answers, sendAnswer } from './answers.ts'
import { idempotencyKey, type Once, userScope } from './once.ts'
import { sendProgress, wantsProgress } from './progress.ts'

/** Bytes of a JSON body, unless its procedure says otherwise. */
export const MAX_BODY_BYTES = 64 * 1024

export interface ContractOptions {
  readonly handlers: Handlers
  readonly callerOf: (request: FastifyRequest, reply: FastifyReply) => Caller
  /** Remembers what was answered to creates; undefined: nobody asks twice. */
  readonly once?: Once | undefined
  /** Told of what failed when it is too late for a problem. */
  readonly failed?: ((error: unknown, request: FastifyRequest) => void) | undefined
  /** What addresses of this server begin with, by clients. */
  readonly basePath?: string
}

/** Mounts every procedure of the contract: address, role, input schema, status and headers come from there, nothing from here. */
export function mountContract(app: FastifyInstance, { handlers, callerOf, once, failed, basePath = '' }: ContractOptions): void {
  for (const name of Object.keys(procedures) as ProcedureName[]) {
    const definition: Procedure = procedures[name]
    const handle = handlers[name] as (input: unknown, caller: Caller) => Promise<unknown>
    const inPath = pathParameters(definition.path)
    const hasBody = definition.method === 'POST' || definition.method === 'PUT' || definition.method === 'PATCH'
    const answerTo = answers(definition, API_PREFIX, basePath)
    app.route({
      method: definition.method,
      url: API_PREFIX + definition.path,
      bodyLimit: definition.maxBodyBytes ?? MAX_BODY_BYTES,
      config: { role: definition.role, brief: true, ...(definition.camera && { camera: definition.camera }) },
      handler: async (request, reply) => {
        const input = inputOf(request, inPath, hasBody, definition.input as Schema)
        const caller = callerOf(request, reply)
        reply.header('cache-control', 'no-store')
        if (caller.ifMatch && definition.method !== 'GET' && !definition.changes)
          throw new PortholeError('request.invalid', 'this has no tag that If-Match could speak of')
        const answer = async () => answerTo(await handle(input, caller), request)
        if (definition.progress && wantsProgress(request))
          return sendProgress(
            reply,
            async (progress) => answerTo(await handle(input, { ...caller, progress }), request),
            (error) => failed?.(error, request),
          )
        const key = definition.status === 201 ? idempotencyKey(request) : undefined
        if (key === undefined || !once) return sendAnswer(reply, await answer())
        return sendAnswer(reply, await once.answer({ scope: scopeOf(caller), key, request: JSON.stringify([name, input]) }, answer))
      },
    })
  }
}

/**
 * Whose keys of requests are told apart: a user's, as they are now; a key's, which may less than its user, by itself. What one of them was
 * answered, a secret maybe, is no other's.
 */
const scopeOf = ({ avatar: { user, feeds, isKey, role }, via }: Caller): string =>
  `${user === undefined ? `camera ${feeds ?? ''}` : userScope(user)}${isKey ? `key ${via}` : role}`

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
  webhook: 'webhook.unknown',
  delivery: 'delivery.unknown',
}

/** Path, query and body as the one object that the contract speaks of. */
function inputOf(request: FastifyRequest, inPath: string[], hasBody: boolean, schema: Schema): unknown {
  const params = request.params as Record<string, string>
  const rest: unknown = hasBody ? (request.body ?? {}) : fromQuery(request.query as Record<string, string | string[]>, schema)
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

/** A query's values are text: where the schema wants a number or true and false it becomes that, where it wants a list it is cut at commas. */
export function fromQuery(query: Readonly<Record<string, string | string[]>>, schema: Schema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      fromText(value, Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name]?.type : undefined),
    ]),
  )
}

function fromText(value: string | string[], type: unknown): unknown {
  if (type === 'array') return [value].flat().flatMap((part) => part.split(','))
  if ((type === 'integer' || type === 'number') && /^-?\d{1,16}$/.test(String(value))) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
