import { once } from 'node:events'
import { WebSocket } from 'ws'
import { Acker } from '../../shared/flow/acker.ts'
import { type CapturedHeader, decodeHeader, encodeFrame, type FrameHeader } from '../../shared/protocol/frame.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import type { RunningServer } from './server.ts'

const nowMicros = () => micros(Math.round((performance.timeOrigin + performance.now()) * 1000))

/** Opens a socket of the server as its owner. */
export async function openSocket(server: RunningServer, path: string): Promise<WebSocket> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers: { cookie: server.cookie }, perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

/** Temporal layers of L1T3, as the protocol orders them. */
const PATTERN = [0, 2, 1, 2]

/** A publisher that speaks the protocol and encodes nothing: frames of random bytes at a steady pace. */
export async function publishFrames(
  server: RunningServer,
  camera: string,
  options: { bytes: number; fps: number },
): Promise<{ readonly sent: number; close(): void }> {
  const socket = await openSocket(server, `/ws/publish/${camera}`)
  const say = (message: object) => socket.send(JSON.stringify(message))
  const payload = new Uint8Array(options.bytes).map(() => Math.floor(Math.random() * 256))
  let wantKey = true
  let wanted = false
  let sequence = 0
  let place = 0
  socket.on('message', (data: Buffer, binary) => {
    if (binary) return
    const message = JSON.parse(String(data))
    if (message.type === 'key') wantKey = true
    if (message.type === 'demand') wanted = message.full !== null
  })
  say({
    type: 'publish',
    renditions: { full: true, thumb: false, picture: false },
    audio: false,
    takeover: true,
    instance: 'steady-frames',
  })
  say({ type: 'config', epoch: 1, kind: 'video', rendition: 'full', codec: 'avc1.42001f', width: 640, height: 360, layers: 3 })
  const timer = setInterval(() => {
    if (!wanted) return
    if (wantKey) place = 0
    const header: CapturedHeader = {
      kind: 'video',
      key: wantKey,
      layer: PATTERN[place++ % 4] as number,
      rendition: 'full',
      epoch: 1,
      sequence: ++sequence,
      time: nowMicros(),
      duration: microsSpan(Math.round(1e6 / options.fps)),
    }
    wantKey = false
    socket.send(encodeFrame(header, payload))
  }, 1000 / options.fps)
  return {
    /** Frames so far. */
    get sent() {
      return sequence
    },
    close() {
      clearInterval(timer)
      socket.close()
    },
  }
}

/** A viewer that counts and acknowledges, and decodes nothing. */
export async function watchFrames(server: RunningServer, camera: string) {
  const socket = await openSocket(server, `/ws/live/${camera}`)
  const frames: FrameHeader[] = []
  const messages: Record<string, unknown>[] = []
  const acker = new Acker((bytes) => socket.send(bytes))
  let flush: NodeJS.Timeout | undefined
  socket.on('message', (data: Buffer, binary) => {
    if (!binary) {
      const message = JSON.parse(String(data))
      messages.push(message)
      if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong', id: message.id }))
      return
    }
    const header = decodeHeader(data)
    if (!header.ok) throw new Error(header.detail)
    if (header.value.kind === 'padding') return
    frames.push(header.value)
    const age = nowMicros() - header.value.time
    const wait = acker.done(header.value.sequence, (age - header.value.delay) / 1000, Math.max(0, age), performance.now())
    clearTimeout(flush)
    if (wait !== undefined) flush = setTimeout(() => acker.flush(performance.now()), wait)
  })
  socket.send(JSON.stringify({ type: 'watch', rendition: 'full', audio: false }))
  return { socket, frames, messages, close: () => socket.close() }
}
