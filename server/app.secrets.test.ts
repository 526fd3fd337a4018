import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PASSWORD, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

/** Everything secret that a server meets; each is planted once. */
const secrets = new Map<string, string>([
  ['password of the owner', PASSWORD],
  ['password of a user', 'planted-password-of-ada'],
  ['next password of a user', 'planted-second-password'],
  ['wrong password in a sign-in', 'planted-wrong-sign-in'],
  ['wrong password in Basic', 'planted-wrong-basic'],
  ['wrong password as a user', 'planted-password-as-user'],
  ['token in a query', 'planted-query-token'],
  ['token of a share', 'planted-share-token'],
  ['token of an embed', 'planted-embed-token'],
  ['code to join', 'planted-join-code'],
  ['wrong link', 'planted-wrong-link'],
  ['bearer that is none', 'ph_plantedplantedplantedplantedplan'],
])
/** Answers of the API, which are told what was planted. */
const answers: string[] = []
let data: string
let server: TestServer

const call = async (...args: Parameters<TestServer['call']>) => {
  const answer = await server.call(...args)
  answers.push(JSON.stringify(answer.body))
  return answer
}
const of = (name: string) => secrets.get(name) as string

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'porthole-secrets-'))
  server = await startTestServer({ data })
  secrets.set('session of the owner', server.cookie.split('=')[1] as string)
  await call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  await call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: of('password of a user') })
  await call('PATCH', '/api/v1/users/ada', { password: of('next password of a user') })
  // What is told once is told once: here, and nowhere after.
  for (const [name, path] of [
    ['key of a user', '/api/v1/keys'],
    ['publish key', '/api/v1/cameras/cam/keys'],
  ] as const) {
    const { body } = await server.call('POST', path, { name })
    const { id, key } = body as { id: string; key: string }
    secrets.set(name, key)
    const { body: rotated } = await server.call('POST', `${path}/${id}/rotate`, {})
    secrets.set(`${name}, rotated`, (rotated as { key: string }).key)
  }
  await call('POST', '/api/v1/session', { user: 'ada', password: of('wrong password in a sign-in') }, { cookie: '' })
  await call('POST', '/api/v1/session', { user: of('wrong password as a user'), password: 'x' }, { cookie: '' })
  await call('POST', '/api/v1/session', { link: of('wrong link') }, { cookie: '' })
  const signedIn = await call('POST', '/api/v1/session', { user: 'ada', password: of('next password of a user') }, { cookie: '' })
  secrets.set('session of a user', (signedIn.headers.get('set-cookie') ?? '').split(/[=;]/)[1] as string)
  for (const [scheme, value] of [
    ['Basic', btoa(`ada:${of('wrong password in Basic')}`)],
    ['Basic', btoa(`ada:${of('next password of a user')}`)],
    ['Bearer', of('bearer that is none')],
    ['Bearer', of('publish key, rotated')],
    ['Bearer', of('key of a user, rotated')],
  ] as const)
    for (const path of ['/api/v1/cameras', '/api/v1/users'])
      await call('GET', path, undefined, { cookie: '', authorization: `${scheme} ${value}` })
  for (const path of [
    `/api/v1/cameras?token=${of('token in a query')}`,
    `/share/${of('token of a share')}`,
    `/embed/${of('token of an embed')}?x=${of('token in a query')}`,
    `/join/${of('code to join')}`,
  ]) {
    await call('GET', path)
    const { hostname, port } = new URL(server.url)
    const refused = request({ hostname, port, path, headers: { host: 'evil.example' } }).end()
    await once(refused, 'response')
    const socket = new TestSocket(server.url.replace('http', 'ws') + path, { cookie: server.cookie })
    await socket.until(() => socket.refused)
  }
})
afterAll(() => rmSync(data, { recursive: true }))

it('no secret is in an answer of the API, in the metrics, in the log, or in the files', async () => {
  for (const path of [
    'cameras',
    'users',
    'keys',
    'cameras/cam/keys',
    'cameras/cam/grants',
    'sessions',
    'session',
    'audit?limit=200',
    'cameras/cam/status',
  ])
    await call('GET', `/api/v1/${path}`)
  const metrics = (await server.call('GET', '/metrics')).body as string
  await server.close()
  const files = readdirSync(data).filter((name) => name !== 'secret.key')
  const places = {
    answers: answers.join('\n'),
    metrics,
    log: JSON.stringify(server.lines),
    files: files.map((name) => readFileSync(join(data, name), 'latin1')).join('\n'),
  }
  // The places are what they are thought to be.
  expect(places.answers).toContain('porthole.key.create')
  expect(places.metrics).toContain('porthole_sockets')
  expect(places.log).toContain('sign-in refused')
  expect(places.files).toContain('$argon2id$')
  for (const [name, secret] of secrets)
    for (const form of [secret, btoa(secret), Buffer.from(secret).toString('hex')])
      for (const [place, text] of Object.entries(places)) {
        expect(text.includes(form), `${name} in ${place}`).toBe(false)
      }
})
