import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Procedure, pathParameters } from '../shared/contract/define.ts'
import { procedures } from '../shared/contract/index.ts'
import { requestOf } from '../shared/contract/request.ts'
import type { Schema } from '../shared/protocol/check.ts'
import { isErrorCode } from '../shared/protocol/errors.ts'
import { near, type Pool } from './testing/near.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

/** Requests of each procedure. */
const RUNS = 200
/** The same requests each time; others by PORTHOLE_SEED. */
const SEED = Number(process.env.PORTHOLE_SEED ?? 20_261_122)
/** Milliseconds for those of one. */
const MAX_MS = 60_000

/** What only the right password opens; what is about phones on a stage, where there is none. */
const UNGUESSED = new Set([
  'porthole.session.create',
  'porthole.session.password',
  'porthole.stage.admit',
  'porthole.stage.mute',
  'porthole.stage.remove',
])

let server: TestServer
let cookie: string
let round = 0
beforeAll(async () => {
  server = await startTestServer({ args: ['--trust-proxy', '127.0.0.1'], file: { webhooks: { allow: ['127.0.0.1'] } } })
  await renew()
})
afterAll(() => server.close())

const ask = (method: string, path: string, body?: unknown) => server.call(method, path, body, { cookie })
const renew = async () => {
  cookie = await server.signIn('owner', PASSWORD)
}

/** Makes things that procedures may be about, since others deleted them; some of the names are of nothing. */
async function makeThings(): Promise<Pool> {
  const post = async (path: string, body: object) => (await ask('POST', `/api/v1${path}`, body)).body as { id: string }
  const [door, garden] = [`door-${round}`, `garden-${round++}`]
  for (const id of [door, garden]) await post('/cameras', { id, name: id, source: { kind: 'browser' } })
  for (const name of ['ada', 'bo']) await post('/users', { name, role: 'viewer' })
  const [key, publishKey] = [await post('/keys', { name: 'k' }), await post(`/cameras/${door}/keys`, {})]
  const share = await post('/shares', { camera: door })
  const stage = await post('/stages', {})
  const { webhooks } = (await ask('GET', '/api/v1/webhooks')).body as { webhooks: { id: string }[] }
  for (const { id } of webhooks) await ask('DELETE', `/api/v1/webhooks/${id}`)
  // Nobody listens there.
  const webhook = await post('/webhooks', { url: 'http://127.0.0.1:9/' })
  const delivery = await post(`/webhooks/${webhook.id}/test`, {})
  await server.signIn('owner', PASSWORD)
  const { sessions } = (await ask('GET', '/api/v1/sessions')).body as { sessions: { id: string; current: boolean }[] }
  return {
    id: [door, garden, `new-${round}`, 'nobody', 'phone-1'],
    camera: [door, garden, 'nobody'],
    session: [sessions.find(({ current }) => !current)?.id, 'abc'],
    participant: ['abc'],
    name: ['Door', 'ada', 'bo', ' x', ...['cy', 'dee', 'eve', 'fay'].map((name) => `${name}-${round}`)],
    user: ['ada', 'bo', 'nobody'],
    owner: ['owner', 'ada', 'nobody'],
    // A real one costs a slow hash.
    password: ['short', 'x'.repeat(300), 7],
    old: ['wrong'],
    key: [key.id, publishKey.id, 'none'],
    share: [share.id, 'abc'],
    stage: [stage.id, 'abc'],
    webhook: [webhook.id, 'abc'],
    delivery: [delivery.id, '999999'],
    url: ['http://127.0.0.1:9/', 'http://10.0.0.1/', 'https://[::1]', 'http://%'],
    origin: ['https://blog.example', 'https://blog.example/path', 'http://a:0'],
    plan: ['none'],
    document: [{ porthole: 1 }, (await ask('GET', '/api/v1/settings')).body],
    cursor: ['x', 'WzFd', 'WyJhIiwiYiJd', 'W10', 'bnVsbA'],
  }
}

const odd = fc.record(
  {
    'if-match': fc.constantFrom('*', '"x"', 'W/"x"', 'x', '""'),
    'if-none-match': fc.constantFrom('*', '"x"', ','),
    prefer: fc.constantFrom('return=minimal', 'return', ';;'),
    'idempotency-key': fc.string({ unit: fc.constantFrom(...'abc"! '), maxLength: 3 }),
    accept: fc.constantFrom('text/event-stream', 'application/json', '*/*'),
  },
  { requiredKeys: [] },
)

/** Mostly none. */
const headers = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: odd })

/** What an address can say: of objects their JSON. */
function sayable(input: unknown, { method, path }: Procedure): object {
  if (typeof input !== 'object' || input === null) return {}
  const inPath = pathParameters(path)
  const isText = (name: string) => inPath.includes(name) || method === 'GET' || method === 'DELETE'
  const word = (value: unknown): unknown => (typeof value === 'object' ? JSON.stringify(value) : value)
  const said = (value: unknown) => (Array.isArray(value) ? value.map(word).join() : word(value))
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, isText(name) ? said(value) : value]))
}

describe('requests near the schema', () => {
  it.each(Object.entries<Procedure>(procedures))(
    '%s is answered by what was asked for or a problem that is ours, and never fails',
    async (name, definition) => {
      const pool = await makeThings()
      let good = 0
      const codes = new Map<string, number>()
      // Who guesses here is let in no more for a while: from where the tests sign in nobody does.
      const elsewhere = { 'x-forwarded-for': '198.51.100.7' }
      const request = fc
        .tuple(fc.constant(undefined), headers)
        .chain(([, said]) => fc.tuple(near(definition.input as Schema, pool), fc.constant(said)))
      await fc.assert(
        fc.asyncProperty(request, async ([input, said]) => {
          const { url, body } = requestOf(definition, sayable(input, definition))
          const answer = await server.call(definition.method, url, body, { ...said, ...elsewhere, cookie })
          const { code } = answer.body as { code?: string }
          expect(answer.status, `${definition.method} ${url} ${body} ${JSON.stringify(answer.body)}`).not.toBe(500)
          if (answer.status >= 400) expect(isErrorCode(code ?? ''), `${answer.status} ${JSON.stringify(answer.body)}`).toBe(true)
          else good++
          codes.set(`${answer.status} ${code ?? ''}`, (codes.get(`${answer.status} ${code ?? ''}`) ?? 0) + 1)
          if (name === 'porthole.session.delete' && answer.status === 204) await renew()
        }),
        { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true },
      )
      if (!UNGUESSED.has(name)) expect(good, JSON.stringify([...codes])).toBeGreaterThan(0)
    },
    MAX_MS + 10_000,
  )

  it('leave the server as well as it was', async () => {
    expect((await server.call('GET', '/readyz')).status).toBe(200)
    expect(server.lines.filter(({ level }) => (level as number) >= 50)).toEqual([])
    expect((await server.call('GET', '/api/v1/session', undefined, { cookie })).body).toMatchObject({ session: { user: 'owner' } })
  })
})
