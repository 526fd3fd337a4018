import { describe, expect, it } from 'vitest'
import { type OpenApi, readable } from './openapi.ts'

const SERVER = 'https://cams.example.org/my'

const of = (parts: Partial<OpenApi>) => readable({ openapi: '3.1.1', info: { title: 'Porthole' }, ...parts }, SERVER)
/** A schema, as it is read. */
const schema = (given: object) =>
  (of({ components: { schemas: { Given: given } } }).components as { schemas: { Given: object } }).schemas.Given

describe('the document for people', () => {
  it('asks the server of the page, whatever the document says', () => {
    expect(of({ servers: [{ url: 'http://10.0.0.5:8080' }] }).servers).toEqual([{ url: SERVER }])
  })

  it('tells how to sign in, instead of asking for keys', () => {
    const { info, components } = of({
      info: { description: 'Any camera.' },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', name: 'porthole_session', description: 'Of a browser.' },
          digest: { type: 'http', scheme: 'digest' },
          other: { type: 'http', scheme: 'hoba' },
        },
      },
    })
    expect(components).toEqual({})
    expect(info.description).toContain('Any camera.')
    expect(info.description).toContain(`${SERVER}/api/v1/openapi.json`)
    expect(info.description?.split('\n').filter((line) => line.startsWith('- '))).toEqual([
      '- Cookie `porthole_session`: Of a browser.',
      '- `Authorization: Digest …`, user and password',
      '- hoba',
    ])
  })

  it('gives groups names, webhooks a group of their own, and summaries no marks', () => {
    const operation = (tag: string) => ({ tags: [tag], summary: 'Until `undoUntil`.', security: [{ key: [] }] })
    const { tags, paths, webhooks } = of({
      tags: [{ name: 'publish_key', description: 'Keys.' }],
      paths: { '/a': { get: operation('publish_key') } },
      webhooks: { 'camera.created': { post: operation('event') } },
    })
    expect(tags?.map(({ name }) => name)).toEqual(['Publish key', 'Webhooks'])
    expect(paths?.['/a']?.get).toEqual({ tags: ['Publish key'], summary: 'Until undoUntil.', security: [] })
    expect(webhooks?.['camera.created']?.post?.tags).toEqual(['Webhooks'])
  })

  it.each([
    [
      { type: 'string', pattern: '^a$' },
      { type: 'string', description: 'Matches `^a$`.' },
    ],
    [{ pattern: '^a$', description: 'One.' }, { description: 'One. Matches `^a$`.' }],
    [{ format: 'date-time', pattern: '^[0-9]' }, { format: 'date-time' }],
    [{ anyOf: [{ type: 'string', pattern: '^a$' }, { type: 'null' }] }, { type: ['string', 'null'], description: 'Matches `^a$`.' }],
    [{ anyOf: [{ type: 'object' }, { type: 'null' }] }, { anyOf: [{ type: 'object' }, { type: 'null' }] }],
    [{ properties: { pattern: { type: 'string' } } }, { properties: { pattern: { type: 'string' } } }],
    [{ const: null }, { const: null }],
  ])('reads %j', (given, read) => {
    expect(schema(given)).toEqual(read)
  })
})
