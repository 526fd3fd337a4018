import { request } from 'node:http'
import { expect, test } from '@playwright/test'
import { publishFrames, watchFrames } from './support/client.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

const GUESSES = 200
const FPS = 30
/** Milliseconds over which frames are counted. */
const WINDOW_MS = 4000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A sign-in from an address, as a proxy tells it. @returns the status */
const signIn = ({ port }: RunningServer, password: string, from: string) =>
  new Promise<number>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from }
    request({ host: '127.0.0.1', port, method: 'POST', path: '/api/v1/session', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
      .once('error', reject)
      .end(JSON.stringify({ user: 'owner', password }))
  })

test.describe('guessing passwords', () => {
  let server: RunningServer
  test.beforeAll(async () => {
    // The loopback network stands for the internet.
    server = await startServer({ args: ['--trust-proxy', '127.0.0.0/8'] })
    await server.call('POST', '/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  })
  test.afterAll(() => server.close())

  const ways: [string, (i: number) => string][] = [
    ['from one address', () => '203.0.113.5'],
    ['from forty addresses', (i) => `203.0.113.${100 + (i % 40)}`],
  ]
  for (const [name, from] of ways)
    test(`${name} leaves a live view at its frame rate, and the owner can sign in from elsewhere`, async () => {
      const publisher = await publishFrames(server, 'cam', { bytes: 20_000, fps: FPS })
      const viewer = await watchFrames(server, 'cam')
      await expect.poll(() => viewer.frames.length).toBeGreaterThan(2 * FPS)
      /** Of the frames that were sent, how many came. */
      const count = async () => {
        const [came, sent] = [viewer.frames.length, publisher.sent]
        await pause(WINDOW_MS)
        return (viewer.frames.length - came) / (publisher.sent - sent)
      }
      const guesses = Promise.all(Array.from({ length: GUESSES }, (_, i) => signIn(server, `guess ${i}`, from(i))))
      const counting = count()
      expect(await signIn(server, PASSWORD, '198.51.100.7')).toBe(200)
      const beside = await counting
      const statuses = await guesses
      const of = (status: number) => statuses.filter((each) => each === status).length
      console.log(`    ${of(401)} × 401, ${of(429)} × 429, ${of(503)} × 503; ${(100 * beside).toFixed(1)} % of the frames came beside it`)
      expect(of(401) + of(429) + of(503)).toBe(GUESSES)
      expect(beside).toBeGreaterThan(0.97)
      // A layer may be left out for a moment; the picture never stands still.
      expect(viewer.messages.filter(({ type, kind }) => type === 'gap' && kind === 'key')).toEqual([])
      publisher.close()
      viewer.close()
    })
})
