import { describe, expect, it } from 'vitest'
import { NetworkError } from './call.ts'
import { createCallWithProgress } from './progress.ts'

const document = { porthole: 1 as const }
const result = { plan: 'p', applied: true, changes: [], unchanged: 2 }

/** Asks a server that answers in these pieces. */
async function ask(...pieces: string[]) {
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      for (const piece of pieces) stream.enqueue(new TextEncoder().encode(piece))
      stream.close()
    },
  })
  const accepted: (string | null)[] = []
  const call = createCallWithProgress({
    fetch: async (_url, init) => {
      accepted.push(new Headers(init?.headers).get('accept'))
      return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    },
  })
  const told: unknown[] = []
  const outcome = await call('porthole.settings.import', { document, plan: 'p' }, (progress) => told.push(progress)).catch((error) => error)
  return { outcome, told, accepted }
}

describe('a call that tells how it goes on', () => {
  it('is told, and then answered', async () => {
    const { outcome, told, accepted } = await ask(
      'event: progress\ndata: {"done":1,"total":2}\n\nevent: pro',
      `gress\ndata: {"done":2,"total":2}\n\nevent: news\ndata: {}\n\nevent: result\ndata: ${JSON.stringify(result)}\n\n`,
    )
    expect(accepted).toEqual([expect.stringContaining('text/event-stream')])
    expect(told).toEqual([
      { done: 1, total: 2 },
      { done: 2, total: 2 },
    ])
    expect(outcome).toEqual(result)
  })

  it('is refused on its way', async () => {
    const { outcome } = await ask('event: error\ndata: {"code":"settings.plan","detail":"look again"}\n\n')
    expect(outcome).toMatchObject({ name: 'ApiError', code: 'settings.plan', message: 'look again' })
  })

  it('is answered as always, or refused, by who tells nothing', async () => {
    const answer = (status: number, body: unknown) =>
      createCallWithProgress({ fetch: async () => Response.json(body, { status }) })('porthole.settings.import', { document }, () => {})
    expect(await answer(200, result)).toEqual(result)
    await expect(answer(413, { code: 'request.too-large' })).rejects.toMatchObject({ code: 'request.too-large' })
  })

  it.each([
    ['ends early', 'event: progress\ndata: {"done":1,"total":2}\n\n'],
    ['is garbled', 'event: result\ndata: {"plan"\n\n'],
    ['fails in a way that nobody knows', 'event: error\ndata: {"code":"made.up"}\n\n'],
  ])('that %s is cut off', async (_how, text) => {
    expect((await ask(text)).outcome).toBeInstanceOf(NetworkError)
  })
})
