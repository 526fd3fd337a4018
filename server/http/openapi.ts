import type { TSchema } from 'typebox'
import { API_PREFIX, type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { topicOf, topics } from '../../shared/contract/feed.ts'
import { procedures } from '../../shared/contract/index.ts'
import { models } from '../../shared/contract/models.ts'
import { type Stream, streams } from '../../shared/contract/streams.ts'
import type { Role } from '../../shared/model/session.ts'
import type { Schema } from '../../shared/protocol/check.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { gotAs } from './answers.ts'
import { schemaJson } from './schema-json.ts'

type Json = Record<string, unknown>

/** Codes that any procedure with a role may answer, and that any may. */
const OF_ALL: readonly ErrorCode[] = [
  'request.invalid',
  'host.unknown',
  'request.rate',
  'server.limit',
  'server.closing',
  'server.internal',
]
const OF_ROLES: readonly ErrorCode[] = ['auth.required', 'auth.wrong', 'auth.role', 'auth.revoked']
const OF_CHANGES: readonly ErrorCode[] = ['origin.foreign', 'request.too-large', 'request.media-type']
const OF_CONDITIONS: readonly ErrorCode[] = ['request.changed']
const OF_CREATES: readonly ErrorCode[] = ['request.running', 'request.cut-off', 'request.reused']

const TAGS: Record<string, string> = {
  session: 'Signing in, and browsers that are signed in.',
  camera: 'Camera servers: made, changed, deleted, fed, watched.',
  event: 'What happens, and what happened.',
  share: 'Links to watch without an account.',
  stage: 'The projector’s wall and the phones on it.',
  publish_key: 'Keys of cameras, which feed them.',
  key: 'Keys of users, for programs.',
  webhook: 'Events posted to addresses of yours.',
  user: 'Who may sign in.',
  grant: 'Who may watch and run which camera.',
  settings: 'All that is configured, as one document.',
  audit: 'Who did what.',
  server: 'This server.',
}

export interface OpenApiOptions {
  readonly version: string
  /** Where this server is reached, by clients. */
  readonly url: string
}

/** The contract as OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1). */
export function openApi({ version, url }: OpenApiOptions): Json {
  const paths: Record<string, Json> = {}
  const add = (path: string, method: string, operation: Json) => {
    const template = path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation }
  }
  for (const [name, definition] of Object.entries<Procedure>(procedures))
    add(API_PREFIX + definition.path, definition.method, operationOf(name, definition))
  for (const [name, definition] of Object.entries<Stream>(streams)) add(definition.path, definition.method, streamOf(name, definition))
  return {
    openapi: '3.1.1',
    info: {
      title: 'Porthole',
      version,
      description:
        'Any camera, live in any browser. Each operation is a procedure of one contract: the dashboard asks nothing else. Errors are `application/problem+json` with a stable `code`; fields and kinds of events may be added, none is taken away or changes its meaning within `v1`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: Object.fromEntries(
      Object.entries(topics).map(([kind, { summary }]) => [
        kind,
        {
          post: {
            operationId: `on${pascal(kind)}`,
            tags: ['event'],
            summary,
            description: `Topic \`${topicOf(kind as keyof typeof topics, '<id>')}\`.`,
            requestBody: json(schemaJson(eventOf(kind))),
            responses: { '2XX': { description: 'Taken.' } },
          },
        },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, schemaJson(model, true)])),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'porthole_session', description: 'Of a browser that signed in.' },
        key: { type: 'http', scheme: 'bearer', description: 'A key of a user, or of a camera that it feeds.' },
        basic: { type: 'http', scheme: 'basic' },
        digest: { type: 'http', scheme: 'digest', description: 'SHA-256 (RFC 7616).' },
      },
    },
  }
}

function operationOf(name: string, definition: Procedure): Json {
  const { method, role, summary, input, output, status, errors, camera, notByKey, changes, volatile, toldOnce, progress } = definition
  const inPath = pathParameters(definition.path)
  const { properties = {}, required = [] } = input as unknown as Schema
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  const rest = Object.keys(properties).filter((field) => !inPath.includes(field))
  const isCreate = status === 201
  const prefers = method !== 'GET' && status !== 204 && !toldOnce
  const headers = [
    ...(changes ? [header('If-Match', 'ETag of what the change is meant for.')] : []),
    ...(method === 'GET' && !volatile ? [header('If-None-Match', 'ETag of what is known.')] : []),
    ...(isCreate ? [header('Idempotency-Key', 'Who asks again with the same key is answered the same, for a day.')] : []),
    ...(prefers ? [header('Prefer', '`return=minimal` leaves the answer out.')] : []),
  ]
  const answered = status === 204 ? {} : json(schemaJson(output))
  return {
    ...about(name, role, summary, notByKey ? 'Not for keys.' : undefined),
    parameters: [
      ...inPath.map((field) => parameter('path', field, properties[field] as Schema, true)),
      ...(hasBody ? [] : rest.map((field) => parameter('query', field, properties[field] as Schema, required.includes(field)))),
      ...headers,
    ],
    ...(hasBody &&
      rest.length > 0 && {
        requestBody: { ...json(bodyOf(properties, required, rest)), required: rest.some((field) => required.includes(field)) },
      }),
    responses: {
      [status]: {
        description: 'Done.',
        headers: answerHeaders(definition),
        ...answered,
        ...(progress && {
          content: { ...(answered as { content?: Json }).content, 'text/event-stream': { schema: schemaJson(progress) } },
        }),
      },
      ...(prefers && status === 200 && { 204: { description: 'Done, and a minimal answer was preferred.' } }),
      ...(method === 'GET' && !volatile && { 304: { description: 'It is as If-None-Match says.' } }),
      ...problems([
        ...errors,
        ...OF_ALL,
        ...(role === 'public' ? [] : OF_ROLES),
        ...(method === 'GET' ? [] : OF_CHANGES),
        ...(camera ? (['camera.unknown'] as const) : []),
        ...(changes ? OF_CONDITIONS : []),
        ...(isCreate ? OF_CREATES : []),
      ]),
    },
  }
}

function streamOf(name: string, { role, summary, params, query, takes, gives, output, status, errors, method }: Stream): Json {
  const fields = (schema: TSchema | undefined) => Object.entries((schema as Schema | undefined)?.properties ?? {})
  const schema = output ? schemaJson(output) : gives === 'text/event-stream' ? schemaJson(models.FeedMessage as TSchema) : undefined
  return {
    ...about(name, role, summary, undefined),
    parameters: [
      ...fields(params).map(([field, of]) => parameter('path', field, of, true)),
      ...fields(query).map(([field, of]) => parameter('query', field, of, false)),
      ...(gives === 'text/event-stream' ? [header('Last-Event-ID', 'Id of the last event that was heard.')] : []),
    ],
    ...(takes && { requestBody: { required: true, content: { [takes]: { schema: { type: 'string', format: 'binary' } } } } }),
    responses: {
      [status]: { description: 'Done.', content: { [gives]: { schema: schema ?? { type: 'string', format: 'binary' } } } },
      ...problems([...errors, ...OF_ALL, ...OF_ROLES, ...(method === 'GET' ? [] : OF_CHANGES)]),
    },
  }
}

function about(name: string, role: Role, summary: string, more: string | undefined): Json {
  const [, tag = ''] = name.split('.')
  return {
    operationId: camel(name.replace('porthole.', '')),
    tags: [tag],
    summary,
    description: [role === 'public' ? 'Open to everybody.' : `For the role \`${role}\` and those above.`, more, `Procedure \`${name}\`.`]
      .filter(Boolean)
      .join(' '),
    security: [...(role === 'public' ? [{}] : []), { key: [] }, { session: [] }, { basic: [] }, { digest: [] }],
    'x-porthole-procedure': name,
    'x-porthole-role': role,
  }
}

/** The codes of refusals, by status. */
function problems(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, Set<ErrorCode>>()
  for (const code of codes) byStatus.set(ERRORS[code].http, (byStatus.get(ERRORS[code].http) ?? new Set()).add(code))
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: [...of].map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('\n\n'),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

const eventOf = (kind: string): TSchema =>
  (models.Event as unknown as { anyOf: TSchema[] }).anyOf.find(
    (event) => (event as unknown as { properties: { kind: { const: string } } }).properties.kind.const === kind,
  ) as TSchema

const json = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

const bodyOf = (properties: Readonly<Record<string, Schema>>, required: readonly string[], fields: readonly string[]): Json => ({
  type: 'object',
  properties: Object.fromEntries(fields.map((field) => [field, schemaJson(properties[field] as never)])),
  ...(fields.some((field) => required.includes(field)) && { required: fields.filter((field) => required.includes(field)) }),
  additionalProperties: false,
})

function parameter(where: 'path' | 'query', name: string, schema: Schema, required: boolean): Json {
  const { description, ...rest } = schemaJson(schema as never)
  // Lists are one word, cut at commas.
  const form = schema.type === 'array' ? { style: 'form', explode: false } : {}
  return { name, in: where, required, ...(description !== undefined && { description }), ...form, schema: rest }
}

const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
})

const answerHeaders = (definition: Procedure): Json => ({
  ...(gotAs(definition) && { ETag: { description: 'Of what is answered.', schema: { type: 'string' } } }),
  ...(definition.at && { Location: { description: 'Where it is.', schema: { type: 'string' } } }),
  ...((definition.output as unknown as Schema).properties?.next && {
    Link: { description: 'The next page, `rel="next"` (RFC 8288).', schema: { type: 'string' } },
  }),
})

const pascal = (name: string): string => name.replace(/(?:^|[._-])(\w)/g, (_, letter: string) => letter.toUpperCase())
const camel = (name: string): string => name.replace(/[._-](\w)/g, (_, letter: string) => letter.toUpperCase())
