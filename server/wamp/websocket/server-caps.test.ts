import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { FakeClock } from '../../testing/clock.ts'
import { recorder, type ServedProtocol, serveProtocol } from '../../testing/protocols.ts'

let served: ServedProtocol
afterEach(() => served.close())

async function dial(): Promise<WebSocket> {
  const ws = new WebSocket(served.url, { perMessageDeflate: false })
  ws.on('error', () => {})
  await once(ws, 'open')
  return ws
}

const closeOf = async (ws: WebSocket) => {
  const [code, reason] = await once(ws, 'close')
  return [code, String(reason)]
}

describe('caps', () => {
  it('close with 1009 who sends a longer message', async () => {
    const { Recorder, told } = recorder({ maxMessageBytes: 1000 })
    served = await serveProtocol(Recorder)
    const ws = await dial()
    ws.send('a'.repeat(1000))
    ws.send('a'.repeat(500), { fin: false })
    ws.send('a'.repeat(501), { fin: true })
    expect((await closeOf(ws))[0]).toBe(1009)
    await expect.poll(() => told.slice(1).map(([what]) => what)).toEqual(['message', 'close'])
  })

  it('close with 1009, or as told, who sends a longer frame of an allowed message', async () => {
    const { Recorder, told } = recorder({ maxFrameBytes: 600, closeCodes: { tooLong: 4009 } })
    served = await serveProtocol(Recorder)
    const ws = await dial()
    for (const fin of [false, false, true]) ws.send('a'.repeat(600), { fin })
    await expect.poll(() => told.length).toBe(2)
    ws.send('ok')
    ws.send('a'.repeat(601))
    ws.send('not told')
    expect(await closeOf(ws)).toEqual([4009, 'frames hold 600 bytes here'])
    await expect.poll(() => told.at(-1)).toEqual(['close', true, 4009, 'frames hold 600 bytes here'])
    expect(told.map(([, payload]) => String(payload).length)).toEqual(expect.arrayContaining([1800]))
    expect(JSON.stringify(told)).not.toContain('not told')
  })

  it('hold for what comes with the request', async () => {
    const { Recorder, told } = recorder({ maxFrameBytes: 5 })
    served = await serveProtocol(Recorder)
    const { port } = new URL(served.url)
    const socket = connect(Number(port), '127.0.0.1')
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='
    const head = `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
    const frame = (text: string) => Buffer.concat([Buffer.of(0x81, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)])
    socket.write(Buffer.concat([Buffer.from(head), frame('short'), frame('longer')]))
    await expect.poll(() => told.map(([what]) => what)).toContain('open')
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
    })
    await expect.poll(() => answer.includes(Buffer.from('03f1', 'hex'))).toBe(true)
    socket.destroy()
    await expect.poll(() => told.map(([what]) => what)).toEqual(['open', 'close'])
  })

  it('close who does not read what is sent', async () => {
    const { Recorder, told, all } = recorder({ maxBacklogBytes: 100_000, closeHandshakeTimeoutMs: 20 })
    served = await serveProtocol(Recorder)
    const ws = await dial()
    ws.pause()
    await expect.poll(() => all.length).toBe(1)
    const chunk = Buffer.alloc(64 * 1024)
    let sent = 0
    while (all[0]?.sendMessage(chunk)) sent++
    expect(sent).toBeGreaterThan(1)
    expect(sent * chunk.length).toBeLessThan(50e6)
    await expect.poll(() => told.at(-1)).toEqual(['close', false, 1006, 'what is sent is not read'])
    ws.terminate()
  })
})

describe('pings', () => {
  it('are answered by whoever lives, and cut who does not answer', async () => {
    const clock = new FakeClock()
    const { Recorder, told } = recorder({ pingIntervalMs: 1000, pingTimeoutMs: 500, pingPayload: 'there?' })
    served = await serveProtocol(Recorder, { clock })
    const ws = await dial()
    await expect.poll(() => told.length).toBe(1)
    for (let i = 0; i < 3; i++) {
      clock.advance(1000)
      await expect.poll(() => told.length).toBe(2 + i)
    }
    expect(told.at(-1)).toEqual(['pong', 'there?'])
    ws.pause()
    clock.advance(1499)
    expect(told.length).toBe(4)
    clock.advance(1)
    await expect.poll(() => told.at(-1)).toEqual(['close', false, 1006, 'no answer to a ping'])
    ws.terminate()
  })

  it('are not missed while a method keeps the connection from being read', async () => {
    const clock = new FakeClock()
    const { Recorder, told } = recorder({ pingIntervalMs: 1000, pingTimeoutMs: 500 })
    let release = () => {}
    Recorder.prototype.onMessage = () => {
      told.push(['begins'])
      return new Promise<void>((resolve) => {
        release = resolve
      })
    }
    served = await serveProtocol(Recorder, { clock })
    const ws = await dial()
    ws.send('x')
    await expect.poll(() => told.length).toBe(2)
    clock.advance(100_000)
    release()
    ws.close(1000)
    await expect.poll(() => told.at(-1)).toEqual(['close', true, 1000, ''])
  })
})

describe('at shutdown', () => {
  it('everybody is told, and onClose is called, even of who does not answer and of methods that hang', async () => {
    const clock = new FakeClock()
    const { Recorder, told, all } = recorder({ closeHandshakeTimeoutMs: 60_000 })
    Recorder.prototype.onMessage = () => {
      told.push(['hangs'])
      return new Promise(() => {})
    }
    served = await serveProtocol(Recorder, { clock })
    const [polite, deaf, hung] = [await dial(), await dial(), await dial()]
    await expect.poll(() => all.length).toBe(3)
    deaf.pause()
    hung.send('x')
    await expect.poll(() => told.length).toBe(4)
    const good = closeOf(polite)
    const closing = served.mounted.close()
    expect(await good).toEqual([1001, ''])
    await expect.poll(() => told.filter(([what]) => what === 'close').length).toBe(1)
    clock.advance(1000)
    await expect.poll(() => told.filter(([what]) => what === 'close').length).toBe(3)
    clock.advance(200)
    await closing
    const late = new WebSocket(served.url).on('error', () => {})
    const [, response] = await once(late, 'unexpected-response')
    expect(response.statusCode).toBe(503)
    late.terminate()
    deaf.terminate()
  })
})
