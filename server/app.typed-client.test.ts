import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiError, createClient, type FeedMessage } from '../shared/client/client.ts'
import { startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
let key: string
beforeAll(async () => {
  server = await startTestServer()
  key = ((await server.call('POST', '/api/v1/keys', { name: 'Client' })).body as { key: string }).key
})
afterAll(() => server.close())

const jpeg = readFileSync(new URL('../docs/images/portal-phone.jpg', import.meta.url))

it('makes a camera, shows a picture on it and hears of it', async () => {
  const client = createClient({ url: `${server.url}/`, key })
  const camera = await client.call('porthole.camera.create', { name: 'Door', source: { kind: 'upload' } }, { idempotencyKey: 'door' })
  expect(await client.call('porthole.camera.create', { name: 'Door', source: { kind: 'upload' } }, { idempotencyKey: 'door' })).toEqual(
    camera,
  )
  const heard: FeedMessage[] = []
  const stop = new AbortController()
  const listening = (async () => {
    for await (const message of client.events({ camera: [camera.id], signal: stop.signal })) heard.push(message)
  })()
  await expect.poll(() => heard.length).toBeGreaterThan(0)
  expect(await client.upload(camera.id, jpeg)).toMatchObject({ camera: 'door', bytes: jpeg.length })
  await expect.poll(() => heard.at(-1)).toMatchObject({ type: 'event', kind: 'camera.status', payload: { state: 'live' } })
  stop.abort()
  await listening
})

it('says refusals by their code, and takes conditions', async () => {
  const client = createClient({ url: server.url, key })
  await expect(client.call('porthole.camera.get', { id: 'nobody' })).rejects.toMatchObject({ name: 'ApiError', code: 'camera.unknown' })
  await expect(client.upload('nobody', jpeg)).rejects.toMatchObject({ code: 'camera.unknown' })
  const { id } = await client.call('porthole.camera.create', { name: 'x', source: { kind: 'browser' } })
  await expect(client.call('porthole.camera.update', { id, name: 'y' }, { ifMatch: '"old"' })).rejects.toMatchObject({
    code: 'request.changed',
  })
  const stranger = createClient({ url: server.url, key: 'wrong' })
  await expect(stranger.events().next()).rejects.toBeInstanceOf(ApiError)
})

it('lists everything, page after page', async () => {
  const client = createClient({ url: server.url, key })
  for (let i = 0; i < 5; i++) await client.call('porthole.camera.create', { name: `n${i}`, source: { kind: 'browser' } })
  const ids = (await client.all('porthole.camera.list', { limit: 2 })).map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining(['n0', 'n1', 'n2', 'n3', 'n4']))
  expect(new Set(ids).size).toBe(ids.length)
})

it('goes on where it was when its connection breaks, missing nothing', async () => {
  const connections: AbortController[] = []
  const waits: number[] = []
  const client = createClient({
    url: server.url,
    key,
    fetch: (input, init) => {
      const cut = new AbortController()
      connections.push(cut)
      return fetch(input, { ...init, signal: AbortSignal.any([cut.signal, ...(init?.signal ? [init.signal] : [])]) })
    },
    wait: async (ms) => void waits.push(ms),
  })
  const { id } = await createClient({ url: server.url, key }).call('porthole.camera.create', { name: 'Line', source: { kind: 'browser' } })
  const rename = (name: string) => createClient({ url: server.url, key }).call('porthole.camera.update', { id, name })
  const names: string[] = []
  const stop = new AbortController()
  const listening = (async () => {
    for await (const message of client.events({ kind: ['camera.changed'], signal: stop.signal }))
      if (message.type === 'event' && message.kind === 'camera.changed') names.push(message.payload.name)
  })()
  await expect.poll(() => connections.length).toBe(1)
  for (let i = 0; i < 12; i++) {
    await rename(`name ${i}`)
    if (i % 4 === 3) connections.at(-1)?.abort()
  }
  await expect.poll(() => names).toEqual(Array.from({ length: 12 }, (_, i) => `name ${i}`))
  expect(connections.length).toBeGreaterThan(2)
  // The server says how long to wait: 2 s.
  expect(waits[0]).toBe(2000)
  stop.abort()
  await listening
})

it('makes a stream again that says nothing any more, and gives up on what is no Porthole', async () => {
  let streams = 0
  const silent = () =>
    new Response(new ReadableStream({ start: () => void streams++ }), { headers: { 'content-type': 'text/event-stream' } })
  const stop = new AbortController()
  const client = createClient({ url: server.url, key, silentMs: 20, fetch: async () => silent(), wait: async () => {} })
  const listening = client.events({ signal: stop.signal }).next()
  await expect.poll(() => streams).toBeGreaterThan(2)
  stop.abort()
  expect(await listening).toMatchObject({ done: true })
  const elsewhere = createClient({ url: server.url, key, fetch: async () => new Response('nothing here', { status: 404 }) })
  await expect(elsewhere.events().next()).rejects.toMatchObject({ name: 'NetworkError', status: 404 })
})
