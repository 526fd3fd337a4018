import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { WebSocket } from 'ws'
import { createClient } from '../shared/client/client.ts'
import { startServer } from './support/server.ts'

/** Times that the server is killed, and renamings before each. */
const KILLS = 4
const RENAMINGS = 40

test('who resumes hears each event once, however often the server is killed between an event and its delivery', async () => {
  test.setTimeout(120_000)
  const folder = mkdtempSync(join(tmpdir(), 'porthole-kill-'))
  /** Event ids that came to the receiver, with repeats; it says nothing to every ninth, as if it had been killed itself. */
  const posted: number[] = []
  let requests = 0
  const receiver = createServer(async (request, response) => {
    const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    posted.push(id)
    if (++requests % 9 === 0) response.destroy()
    else response.end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ webhooks: { allow: ['127.0.0.1'] } }))
  const server = await startServer({ args: ['--config', config] })
  const stop = new AbortController()
  try {
    const { key } = (await server.call('POST', '/keys', { name: 'Programs' })) as { key: string }
    const client = createClient({ url: server.url, key, wait: () => new Promise((resolve) => setTimeout(resolve, 50)) })
    const { id } = await client.call('porthole.camera.create', { name: 'Start', source: { kind: 'browser' } })
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    await server.call('POST', '/webhooks', { url, kinds: ['camera.changed'] })

    const streamed = new Map<number, string>()
    const repeats: string[] = []
    const hear = (into: Map<number, string>, message: { type: string; kind?: string; id?: number; payload?: unknown }) => {
      if (message.type === 'gap') throw new Error('a gap was told')
      if (message.type !== 'event' || message.kind !== 'camera.changed' || message.id === undefined) return
      const { name } = message.payload as { name: string }
      if (into.has(message.id)) repeats.push(name)
      into.set(message.id, name)
    }
    const _streaming = (async () => {
      for await (const message of client.events({ camera: [id], signal: stop.signal })) hear(streamed, message)
    })()
    const socketed = new Map<number, string>()
    let last: number | undefined
    const connect = () => {
      const after = last === undefined ? '' : `&after=${last}`
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/events?camera=${id}${after}`, {
        headers: { authorization: `Bearer ${key}` },
      })
      socket.on('message', (text) => {
        const message = JSON.parse(String(text))
        hear(socketed, message)
        last = message.id ?? message.last ?? last
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!stop.signal.aborted) setTimeout(connect, 50)
      })
      stop.signal.addEventListener('abort', () => socket.close())
    }
    connect()
    await expect.poll(() => last).toBeDefined()

    const acknowledged: string[] = []
    for (let round = 0; round < KILLS; round++) {
      let isUp = true
      const renaming = (async () => {
        for (let i = 0; i < RENAMINGS && isUp; i++) {
          const name = `name ${round}-${i}`
          await client.call('porthole.camera.update', { id, name }).then(
            () => acknowledged.push(name),
            () => {},
          )
        }
      })()
      await expect.poll(() => acknowledged.length, { intervals: [5] }).toBeGreaterThan(round * 10 + Math.round(Math.random() * 20))
      // In the middle of whatever it does.
      const restarted = server.restart('SIGKILL')
      isUp = false
      await renaming
      await restarted
    }
    // Nobody knows of the last ones before each kill whether they were made: the log does.
    const kept = (await client.all('porthole.camera.events', { id, kind: ['camera.changed'] })).map((event) => [
      event.id as number,
      (event.payload as { name: string }).name,
    ])
    const names = kept.map(([, name]) => name)
    expect(acknowledged.length).toBeGreaterThan(KILLS * 5)
    expect(names).toEqual(expect.arrayContaining(acknowledged))
    expect((await client.call('porthole.camera.get', { id })).name).toBe(names.at(-1))
    for (const heard of [streamed, socketed])
      await expect.poll(() => [...heard].sort(([a], [b]) => a - b), { timeout: 20_000 }).toEqual(kept)
    expect(repeats).toEqual([])
    // A receiver hears each at least once, and knows repeats by their id.
    await expect.poll(() => [...new Set(posted)].sort((a, b) => a - b), { timeout: 60_000 }).toEqual(kept.map(([id]) => id))
  } finally {
    stop.abort()
    await server.close()
    receiver.close()
    rmSync(folder, { recursive: true })
  }
})
