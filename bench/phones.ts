import { once } from 'node:events'
import { createCanvas } from '@napi-rs/canvas'
import { WebSocket } from 'ws'
import { type EncodedFrame, FRAME_RATE, loadCodecs, RenditionEncoder, type VideoRendition } from '../server/ingest/demo/encoders.ts'
import { drawScene, HEIGHT, WIDTH } from '../server/ingest/demo/scene.ts'
import { encodeFrame } from '../shared/protocol/frame.ts'
import type { Demand } from '../shared/protocol/messages.ts'
import { micros, microsSpan } from '../shared/units/time.ts'
import type { BenchServer } from './server.ts'

/** Seconds of video that every phone sends over and over; it begins with a key frame. */
const CLIP_SECONDS = 4

export interface Clip {
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly frames: readonly EncodedFrame[]
}
export type Clips = Readonly<Record<VideoRendition, Clip>>

/** Encodes the demo camera's scene once, in both renditions. */
export async function encodeClips(): Promise<Clips> {
  const codecs = await loadCodecs()
  if (!codecs) throw new Error('this benchmark needs the optional package @napi-rs/webcodecs')
  const canvas = createCanvas(WIDTH, HEIGHT)
  const context = canvas.getContext('2d')
  const encode = async (rendition: VideoRendition): Promise<Clip> => {
    const frames: EncodedFrame[] = []
    const count = CLIP_SECONDS * FRAME_RATE
    await new Promise<void>((resolve, reject) => {
      const onFrame = (frame: EncodedFrame) => {
        frames.push(frame)
        if (frames.length === count) return resolve()
        draw()
      }
      const encoder = new RenditionEncoder(codecs, rendition, onFrame, reject)
      const draw = () => {
        const index = frames.length
        drawScene(context, 1_700_000_000_000 + (index * 1000) / FRAME_RATE)
        const frame = new codecs.VideoFrame(canvas, { timestamp: Math.round((index * 1e6) / FRAME_RATE) })
        encoder.encode(frame, index === 0)
        frame.close()
      }
      draw()
    })
    const [first] = frames
    const [width, height] = rendition === 'full' ? [640, 360] : [320, 180]
    return { codec: first?.codec ?? 'avc1.42001f', width, height, frames }
  }
  // The encoder does not keep the process alive.
  const alive = setInterval(() => {}, 1000)
  try {
    return { full: await encode('full'), thumb: await encode('thumb') }
  } finally {
    clearInterval(alive)
  }
}

const nowMicros = () => micros(Math.round((performance.timeOrigin + performance.now()) * 1000))

/** A phone that joins a stage as a page does, and sends the clips as they are demanded. */
export async function joinAsPhone(server: BenchServer, code: string, name: string, clips: Clips) {
  const base = server.url.replace('http', 'ws')
  const seat = new WebSocket(`${base}/ws/join/${code}`, { perMessageDeflate: false })
  await once(seat, 'open')
  seat.send(JSON.stringify({ type: 'join', name }))
  const [answer] = (await once(seat, 'message')) as [Buffer]
  const on = JSON.parse(String(answer)) as { type: string; camera: string; key: string }
  if (on.type !== 'on') throw new Error(`${name} was answered ${answer}`)
  const socket = new WebSocket(`${base}/ws/publish/${on.camera}?key=${on.key}`, { perMessageDeflate: false })
  await once(socket, 'open')
  const say = (message: object) => socket.send(JSON.stringify(message))
  let demand: Pick<Demand, VideoRendition> = { full: null, thumb: null }
  const place: Record<VideoRendition, number> = { full: 0, thumb: 0 }
  let sequence = 0
  socket.on('message', (data: Buffer, binary) => {
    if (binary) return
    const message = JSON.parse(String(data))
    // A clip begins with its only key frame.
    if (message.type === 'key') place[message.rendition as VideoRendition] = 0
    if (message.type === 'demand') {
      for (const rendition of ['full', 'thumb'] as const) if (demand[rendition] === null) place[rendition] = 0
      demand = message
    }
  })
  say({
    type: 'publish',
    renditions: { full: true, thumb: true, picture: false },
    audio: false,
    takeover: false,
    instance: `bench-${on.camera}`,
  })
  ;(['full', 'thumb'] as const).forEach((rendition, i) => {
    const { codec, width, height } = clips[rendition]
    say({ type: 'config', epoch: i + 1, kind: 'video', rendition, codec, width, height, layers: 1 })
  })
  const send = (rendition: VideoRendition, epoch: number) => {
    const { frames } = clips[rendition]
    const frame = frames[place[rendition]++ % frames.length] as EncodedFrame
    const { key, bytes } = frame
    const duration = microsSpan(Math.round(1e6 / FRAME_RATE))
    const header = { kind: 'video', key, layer: 0, rendition, epoch, sequence: ++sequence, time: nowMicros(), duration } as const
    socket.send(encodeFrame(header, bytes))
  }
  const timer = setInterval(() => {
    if (demand.full !== null) send('full', 1)
    if (demand.thumb !== null) send('thumb', 2)
  }, 1000 / FRAME_RATE)
  return {
    camera: on.camera,
    /** Frames so far. */
    get sent() {
      return sequence
    },
    close() {
      clearInterval(timer)
      socket.close()
      seat.close()
    },
  }
}
