import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Procedure } from '../../shared/contract/define.ts'
import { procedures } from '../../shared/contract/index.ts'
import { PortholeError } from '../base/errors.ts'
import { etagOf, tagsOf } from '../base/etag.ts'

/** What is answered, before it is sent: it may be kept and sent again. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON; null: none. */
  readonly body: string | null
}

/** How outputs of a procedure are answered: its status, its tag, its place, the next page; less of it for who prefers so. */
export function answers(definition: Procedure, prefix: string, basePath: string): (output: unknown, request: FastifyRequest) => Answer {
  const { method, status, at, toldOnce } = definition
  const isGet = method === 'GET'
  const got = gotAs(definition)
  return (output, { headers: asked, query }) => {
    const headers: Record<string, string> = {}
    if (got) headers.etag = etagOf(output, got.volatile)
    if (at) headers.location = basePath + prefix + at.call(definition, output as never)
    if (isGet && got?.volatile === undefined && isKnown(headers.etag as string, asked['if-none-match']))
      return { status: 304, headers, body: null }
    const { next } = (output ?? {}) as { next?: string | null }
    if (isGet && next) headers.link = `<?${new URLSearchParams({ ...(query as Record<string, string>), cursor: next })}>; rel="next"`
    if (status === 204) return { status, headers, body: null }
    if (!isGet && !toldOnce && prefersMinimal(asked.prefer)) {
      const applied = { ...headers, 'preference-applied': 'return=minimal' }
      return { status: status === 201 ? 201 : 204, headers: applied, body: null }
    }
    return { status, headers, body: JSON.stringify(output) }
  }
}

/** The procedure by which what is answered is got; of a change, where it answers with the same schema. */
export const gotAs = (definition: Procedure): Procedure | undefined =>
  definition.method === 'GET'
    ? definition
    : Object.values<Procedure>(procedures).find(({ method, output }) => method === 'GET' && output === definition.output)

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  return body === null ? reply.send() : reply.type('application/json; charset=utf-8').send(body)
}

/** What a change is meant for. @throws PortholeError request.invalid */
export function ifMatchOf({ headers }: Pick<FastifyRequest, 'headers'>): string[] | undefined {
  const said = headers['if-match']
  if (said === undefined) return undefined
  const tags = tagsOf(said)
  if (tags.length === 0)
    throw new PortholeError('request.invalid', 'If-Match is no list of entity tags; say the ETag as it was, in its quotes')
  return tags
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2). */
const isKnown = (tag: string, header: string | undefined): boolean =>
  header !== undefined && tagsOf(header).some((known) => known === '*' || known.replace(/^W\//, '') === tag)

/** RFC 7240 §4.2. */
const prefersMinimal = (prefer: string | string[] | undefined): boolean =>
  [prefer ?? []].flat().some((line) => line.split(',').some((preference) => /^\s*return\s*=\s*"?minimal"?\s*(;|$)/i.test(preference)))
