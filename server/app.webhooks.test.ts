import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as Verifier } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Delivery, Webhook } from '../shared/model/webhook.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

const source = { kind: 'browser' }
let server: TestServer
let receiver: Server
let url: string
let status = 200
const came: { headers: Record<string, string>; body: string }[] = []
beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    came.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(await request.toArray()).toString() })
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  server = await startTestServer({ file: { webhooks: { allow: ['127.0.0.1'] } } })
  await server.call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: PASSWORD })
})
afterAll(async () => {
  await server.close()
  receiver.close()
})

const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.call(method, `/api/v1${path}`, body, headers)
const codeOf = ({ status, body }: { status: number; body: never }) => [status, (body as { code?: string }).code]
const deliveries = async (id: string) => ((await api('GET', `/webhooks/${id}/deliveries`)).body as { deliveries: Delivery[] }).deliveries

describe('a webhook', () => {
  it('is told what its maker may watch, signed by the secret that was told once', async () => {
    const cookie = await server.signIn('ada', PASSWORD)
    await api('POST', '/cameras', { id: 'not-hers', name: 'x', source })
    const made = await api('POST', '/webhooks', { url }, { cookie })
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/webhooks/${(made.body as Webhook).id}`])
    const { id, secret } = made.body as { id: string; secret: string }
    await api('PATCH', '/cameras/not-hers', { name: 'y' })
    await api('POST', '/cameras', { id: 'hers', name: 'Hers', source }, { cookie })
    await expect.poll(() => came.length).toBe(1)
    const [{ headers, body }] = came as [(typeof came)[0]]
    expect(new Verifier(secret).verify(body, headers)).toMatchObject({ type: 'event', kind: 'camera.created', camera: 'hers' })
    const read = await api('GET', `/webhooks/${id}`, undefined, { cookie })
    expect(read.body).toMatchObject({ id, url, user: 'ada', cameras: null, kinds: null, active: true, failingSince: null, waiting: 0 })
    expect(JSON.stringify([read.body, (await api('GET', '/webhooks')).body, server.lines])).not.toContain(secret.slice(6))
    await expect.poll(() => deliveries(id)).toMatchObject([{ state: 'delivered', status: 200, camera: 'hers', attempts: 1 }])
    // Another secret signs from now on.
    const { secret: other } = (await api('POST', `/webhooks/${id}/rotate`, {}, { cookie })).body as { secret: string }
    await api('PATCH', '/cameras/hers', { name: 'Still hers' }, { cookie })
    await expect.poll(() => came.length).toBe(2)
    const later = came[1] as (typeof came)[0]
    expect(() => new Verifier(secret).verify(later.body, later.headers)).toThrow()
    expect(new Verifier(other).verify(later.body, later.headers)).toMatchObject({ kind: 'camera.changed' })
    // It goes with its maker.
    expect((await api('DELETE', '/users/ada')).status).toBe(204)
    expect(codeOf(await api('GET', `/webhooks/${id}`))).toEqual([404, 'webhook.unknown'])
  })

  it('is tested by a press, and says what came of it', async () => {
    const { id } = (await api('POST', '/webhooks', { url, kinds: ['camera.status'] })).body as { id: string }
    const test = await api('POST', `/webhooks/${id}/test`, {})
    expect(test.body).toMatchObject({ kind: 'test', event: null, state: 'delivered', status: 200, attempts: 1, nextAt: null })
    expect(JSON.parse(came.at(-1)?.body ?? '')).toMatchObject({ type: 'test', webhook: id })
    status = 500
    expect((await api('POST', `/webhooks/${id}/test`, {})).body).toMatchObject({
      state: 'failed',
      status: 500,
      error: 'status 500',
      nextAt: null,
    })
    expect((await api('GET', `/webhooks/${id}`)).body).toMatchObject({ failingSince: expect.any(String), waiting: 0 })
    status = 200
    const [failed] = await deliveries(id)
    const before = came.length
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect((await api('POST', `/webhooks/${id}/deliveries/${failed?.id}/redeliver`, {})).body).toMatchObject({ state: 'waiting' })
    await expect.poll(async () => (await deliveries(id))[0]).toMatchObject({ state: 'delivered', attempts: 2 })
    expect(came.length).toBe(before + 1)
    expect((await api('DELETE', `/webhooks/${id}`)).status).toBe(204)
    expect(codeOf(await api('GET', `/webhooks/${id}/deliveries`))).toEqual([404, 'webhook.unknown'])
    // The audit log says of which webhook it was.
    const { entries } = (await api('GET', '/audit?limit=3')).body as { entries: { what: string; subject?: string }[] }
    expect(entries.map(({ what, subject }) => `${what.split('.').at(-1)} ${subject}`)).toEqual([
      `delete ${id}`,
      `redeliver ${id}`,
      `test ${id}`,
    ])
  })

  it('is refused for an address that is none, or internal', async () => {
    for (const bad of [
      'http://192.168.1.1/',
      'http://[::1]:80/',
      'http://169.254.169.254/latest',
      'http://0x7f000002/',
      'http://ada:secret@example.org/',
    ])
      expect(codeOf(await api('POST', '/webhooks', { url: bad })), bad).toEqual([422, 'webhook.address'])
    for (const bad of ['ftp://example.org/', 'example.org', 'http://a b/', 7])
      expect(codeOf(await api('POST', '/webhooks', { url: bad }))[0], String(bad)).toBe(400)
    expect(codeOf(await api('POST', '/webhooks', { url: 'http://[x/' }))).toEqual([422, 'webhook.address'])
    expect(codeOf(await api('POST', '/webhooks', { url, cameras: ['nobody'] }))).toEqual([404, 'camera.unknown'])
    expect(codeOf(await api('POST', '/webhooks', { url, kinds: ['camera.nothing'] }))).toEqual([400, 'request.invalid'])
  })

  it('is its maker’s and an owner’s', async () => {
    await api('POST', '/users', { name: 'bo', role: 'operator', password: PASSWORD })
    await api('POST', '/users', { name: 'cy', role: 'operator', password: PASSWORD })
    const [bo, cy] = [{ cookie: await server.signIn('bo', PASSWORD) }, { cookie: await server.signIn('cy', PASSWORD) }]
    const { id } = (await api('POST', '/webhooks', { url }, bo)).body as { id: string }
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { active: false }],
      ['DELETE', '', undefined],
      ['POST', '/test', {}],
      ['POST', '/rotate', {}],
      ['GET', '/deliveries', undefined],
      ['POST', '/deliveries/1/redeliver', {}],
    ] as const)
      expect(codeOf(await api(method, `/webhooks/${id}${path}`, body, cy)), `${method} ${path}`).toEqual([404, 'webhook.unknown'])
    expect((await api('GET', '/webhooks', undefined, cy)).body).toEqual({ webhooks: [], next: null })
    expect((await api('GET', '/webhooks')).body).toMatchObject({ webhooks: [{ id, user: 'bo' }] })
    const tag = (await api('GET', `/webhooks/${id}`)).headers.get('etag') as string
    expect((await api('PATCH', `/webhooks/${id}`, { active: false }, { 'if-match': tag })).body).toMatchObject({ active: false })
    expect(codeOf(await api('PATCH', `/webhooks/${id}`, { active: true }, { 'if-match': tag }))).toEqual([412, 'request.changed'])
  })
})
