import { referenceTexts } from '../state/reference-texts.ts'

/** Where the document stands. */
export const PATH = '/api/v1/openapi.json'

/** As much of an OpenAPI document as is changed for its reader. */
export interface OpenApi {
  readonly info: { readonly description?: string; readonly [more: string]: unknown }
  readonly tags?: readonly Tag[]
  readonly paths?: Paths
  readonly webhooks?: Paths
  readonly components?: { readonly securitySchemes?: Readonly<Record<string, Scheme>>; readonly [more: string]: unknown }
  readonly [more: string]: unknown
}

interface Tag {
  readonly name: string
  readonly description?: string
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

interface Operation {
  readonly summary?: string | undefined
  readonly tags?: readonly string[]
  readonly [more: string]: unknown
}

interface Scheme {
  readonly type: string
  readonly scheme?: string
  readonly name?: string
  readonly description?: string
}

/** The document for people, of the one for programs. @param server where what they try is sent: the page's own server */
export function readable(document: OpenApi, server: string): OpenApi {
  const { info, tags = [], paths = {}, webhooks = {}, components = {} } = document
  const { securitySchemes = {}, ...rest } = components
  return inWords({
    ...document,
    info: {
      ...info,
      description: [info.description, referenceTexts.forPrograms(`${server}${PATH}`), ...signingIn(securitySchemes)].join('\n\n'),
    },
    servers: [{ url: server }],
    tags: [...tags.map(({ name, description }) => ({ name: title(name), description })), referenceTexts.webhooks],
    paths: operations(paths, ({ tags = [] }) => tags.map(title)),
    webhooks: operations(webhooks, () => [referenceTexts.webhooks.name]),
    // Schemes are told in words: the viewer takes Digest for a token, asks for keys that a cookie makes needless, and would take one from the address.
    components: rest,
  }) as OpenApi
}

/** `publish_key` as a heading. */
const title = (name: string): string => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('_', ' ')

/** Each with a plain summary, which stands in the menu, and under the tags that it is told. */
const operations = (paths: Paths, tagsOf: (operation: Operation) => readonly string[]): Paths =>
  Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          { ...operation, summary: operation.summary?.replaceAll('`', ''), tags: tagsOf(operation), security: [] },
        ]),
      ),
    ]),
  )

const signingIn = (schemes: Readonly<Record<string, Scheme>>): string[] => [
  `## ${referenceTexts.signingIn}`,
  referenceTexts.signingInHere,
  Object.values(schemes)
    .map((scheme) => `- ${[sentAs(scheme), scheme.description].filter(Boolean).join(': ')}`)
    .join('\n'),
]

function sentAs({ type, scheme = '', name = '' }: Scheme): string {
  const { apiKey, ...others } = referenceTexts.schemes
  return type === 'apiKey' ? apiKey(name) : (others[scheme as keyof typeof others] ?? scheme)
}

/** Schemas, however deep, as the viewer shows them best. */
function inWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWords)
  if (typeof value !== 'object' || value === null) return value
  const { pattern, anyOf, ...rest } = value as Record<string, unknown>
  if (typeof pattern === 'string') return withoutPattern(pattern, rest)
  const [one, none] = Array.isArray(anyOf) && anyOf.length === 2 ? (anyOf as Record<string, unknown>[]) : []
  if (none?.type === 'null' && ONE_WORD.has(one?.type)) return inWords({ ...one, ...rest, type: [one?.type, 'null'] })
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inWords(inner)]))
}

/** Types that fit into one line with `null`. */
const ONE_WORD: ReadonlySet<unknown> = new Set(['string', 'integer', 'number', 'boolean'])

/** From a pattern that stands as such the viewer makes up letters, and shows them as an example. */
function withoutPattern(pattern: string, schema: Record<string, unknown>): Record<string, unknown> {
  // A format says it better.
  if (schema.format !== undefined) return schema
  return { ...schema, description: [schema.description, referenceTexts.matches(pattern)].filter(Boolean).join(' ') }
}
