import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { API_PREFIX, type Procedure, pathParameters, type Socket, type Topic } from '../../shared/contract/define.ts'
import { topics } from '../../shared/contract/feed.ts'
import { procedures, sockets } from '../../shared/contract/index.ts'
import { type Stream, streams } from '../../shared/contract/streams.ts'
import { openApi } from './openapi.ts'

const MARK = '<!-- made from shared/contract -->'
const document = openApi({ version: '1.2.3', url: 'https://camera.example/porthole' })
const text = JSON.stringify(document)

describe('the OpenAPI document', () => {
  it('is one, by the rules of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(text))
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
  })

  it('has every procedure and stream once, each with a name of its own, and every topic', () => {
    const { paths, webhooks } = document as { paths: Record<string, Record<string, { operationId: string }>>; webhooks: object }
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(Object.keys(procedures).length + Object.keys(streams).length)
    expect(Object.keys(webhooks)).toEqual(Object.keys(topics))
  })

  it('refers to nothing that is not there, and says nothing of our own tools', () => {
    const { components } = document as { components: { schemas: Record<string, unknown> } }
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(components.schemas).toHaveProperty(name as string)
    expect(text).not.toContain('"~')
    expect(text).toContain('"https://camera.example/porthole"')
  })
})

describe('the contract', () => {
  it('names for each change a procedure that gets the same thing', () => {
    for (const [name, { changes, path }] of Object.entries<Procedure>(procedures)) {
      if (changes === undefined) continue
      const get: Procedure | undefined = (procedures as Record<string, Procedure>)[changes]
      expect(get?.method, name).toBe('GET')
      expect(pathParameters(path), name).toEqual(expect.arrayContaining(pathParameters(get?.path ?? '')))
    }
  })

  it('says where each thing is that a create makes, unless it is told once', () => {
    for (const [name, { status, at, toldOnce }] of Object.entries<Procedure>(procedures))
      if (status === 201) expect(at !== undefined || toldOnce, name).toBe(true)
  })
})

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly string[]) => [row(...head), row(...head.map(() => '---')), ...rows]

function tables(): string[] {
  const inputs = ({ input, path }: Procedure) => {
    const { properties = {}, required = [] } = input as unknown as { properties?: object; required?: string[] }
    const fields = Object.keys(properties).filter((field) => !pathParameters(path).includes(field))
    return fields.map((field) => `\`${field}\`${required.includes(field) ? '' : '?'}`).join(' ')
  }
  return [
    '## Procedures',
    '',
    'With what travels in the query or the body; `?`: need not be said.',
    '',
    ...table(
      ['procedure', 'request', 'role', 'input', 'does', 'errors of its own'],
      Object.entries<Procedure>(procedures).map(([name, definition]) =>
        row(
          `\`${name}\``,
          `\`${definition.method} ${API_PREFIX}${definition.path}\``,
          definition.role,
          inputs(definition),
          definition.summary,
          definition.errors.map((code) => `\`${code}\``).join(' '),
        ),
      ),
    ),
    '',
    '## What streams',
    '',
    ...table(
      ['name', 'request', 'role', 'takes', 'gives', 'does'],
      Object.entries<Stream>(streams).map(([name, { method, path, role, takes = '', gives, summary }]) =>
        row(`\`${name}\``, `\`${method} ${path}\``, role, takes, gives, summary),
      ),
    ),
    '',
    '## Topics',
    '',
    ...table(
      ['kind', 'topic', 'role', 'means'],
      Object.entries<Topic>(topics).map(([kind, { name, role, summary }]) => row(`\`${kind}\``, `\`${name}\``, role, summary)),
    ),
    '',
    '## Sockets',
    '',
    'What goes over them is in [PROTOCOL.md](../PROTOCOL.md).',
    '',
    ...table(
      ['address', 'role', 'is'],
      Object.values<Socket>(sockets).map(({ path, role, summary }) => row(`\`${path}\``, role, summary)),
    ),
    '',
  ]
}

it('stands in docs/api.md', async () => {
  const prose = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8').split(MARK)[0]
  await expect([`${prose}${MARK}`, '', ...tables()].join('\n')).toMatchFileSnapshot('../../docs/api.md')
})
