import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasAutobahn, Peer } from '../e2e/peers/wamp/peers.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

const RUN_MS = 40_000
const code = /^```python\n([\s\S]*?)^```/m.exec(readFileSync(new URL('../docs/wamp.md', import.meta.url), 'utf8'))?.[1] as string

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ args: ['--demo'] })
})
afterAll(() => server.close())

it.skipIf(!hasAutobahn)('the example of docs/wamp.md does what it says', { timeout: RUN_MS }, async () => {
  await expect.poll(() => server.call('GET', '/live/azalea.jpg').then(({ status }) => status), { timeout: 15_000 }).toBe(200)
  expect(code).toContain('ws://localhost:8080/ws')
  const here = code.replace('ws://localhost:8080/ws', `${server.url.replace('http', 'ws')}/ws`).replace("'the password'", `'${PASSWORD}'`)
  const peer = new Peer('/usr/bin/python3', ['-c', here])
  await peer.ended()
  expect(peer.output).toMatch(/cameras: \['azalea'\]/)
  expect(peer.output).toMatch(/a picture of [1-9]\d{3,} bytes/)
})
