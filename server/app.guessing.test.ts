import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

const GUESSES = 200
/** Milliseconds that the file system may take while passwords are guessed: hashes run in the pool that it shares. */
const MAX_STAT_MS = 100

let server: TestServer
beforeAll(async () => {
  // The loopback network stands for the internet: who asks is known by what a proxy says.
  server = await startTestServer({ args: ['--trust-proxy', '127.0.0.0/8'] })
})
afterAll(() => server.close())

/** @returns the status */
const signIn = (password: string, from: string) =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from }
    request({ hostname, port, method: 'POST', path: '/api/v1/session', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end(JSON.stringify({ user: 'owner', password }))
  })

it('two hundred wrong passwords at once are refused, and lock out or slow down nobody else', async () => {
  const guesses = Promise.all(Array.from({ length: GUESSES }, (_, i) => signIn(`guess number ${i}`, '203.0.113.5')))
  const stats: number[] = []
  let guessing = true
  const statting = (async () => {
    while (guessing) {
      const began = performance.now()
      await stat('.')
      stats.push(performance.now() - began)
    }
  })()
  expect(await signIn(PASSWORD, '198.51.100.7')).toBe(200)
  const statuses = await guesses
  guessing = false
  await statting
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5)
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(GUESSES - 5)
  expect(await signIn(PASSWORD, '203.0.113.5')).toBe(429)
  // Nineteen of twenty: a busy machine may take its time once, a full pool always does.
  expect(stats.sort((a, b) => a - b)[Math.floor(stats.length * 0.95)]).toBeLessThan(MAX_STAT_MS)
})
