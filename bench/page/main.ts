import { createPlayer } from '../../client/player/player.ts'
import type { PlayerStatus } from '../../client/player/types.ts'
import { createPublisher } from '../../client/publisher/publisher.ts'
import type { PublisherStatus } from '../../client/publisher/types.ts'
import { CODE_HEIGHT, CODE_WIDTH, clockMs, drawCode, readAge } from './code.ts'

const WIDTH = 640
const HEIGHT = 360
const FPS = 30

export interface Sample {
  /** When it was seen, ms of the machine's clock. */
  at: number
  age: number
}

/** The camera of the measurement: a moving picture with the time burned in, drawn when it is captured. */
function codeStream(noise: number): MediaStream {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
  const stream = canvas.captureStream(0)
  const track = stream.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack
  let n = 0
  const draw = () => {
    n++
    context.fillStyle = `hsl(${n % 360} 40% 45%)`
    context.fillRect(0, 0, WIDTH, HEIGHT)
    // Texture that changes costs bits, as leaves and water do; how much is the measurement's choice.
    for (let i = 0; i < noise; i++) {
      context.fillStyle = `hsl(${(i * 47 + n * 3) % 360} 60% ${30 + ((i * 13 + n) % 50)}%)`
      context.fillRect((i * 97 + n * 5) % WIDTH, (i * 61 + n * (i % 7)) % HEIGHT, 36, 24)
    }
    drawCode(context, clockMs())
    track.requestFrame()
  }
  // A worker's timer is not slowed down in a page that is not in front.
  const source = `setInterval(() => postMessage(0), ${1000 / FPS})`
  new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))).onmessage = draw
  return stream
}

/** Reads the code off a canvas or video as the page shows it, at each animation frame: the same for both ways. */
function watch(element: HTMLCanvasElement | HTMLVideoElement, samples: Sample[]): void {
  const probe = document.createElement('canvas')
  const context = probe.getContext('2d', { willReadFrequently: true, alpha: false }) as CanvasRenderingContext2D
  let last = -1
  const look = () => {
    requestAnimationFrame(look)
    const width = element instanceof HTMLVideoElement ? element.videoWidth : element.width
    if (width < 16) return
    const scale = width / WIDTH
    probe.width = Math.ceil(CODE_WIDTH * scale)
    probe.height = Math.ceil(CODE_HEIGHT * scale)
    context.drawImage(element, 0, 0)
    const now = clockMs()
    const read = readAge(context.getImageData(0, 0, probe.width, probe.height), scale, now)
    if (!read || read.code === last) return
    last = read.code
    samples.push({ at: now, age: read.age })
  }
  requestAnimationFrame(look)
}

const bench = {
  samples: [] as Sample[],
  status: undefined as PlayerStatus | PublisherStatus | undefined,
  peer: undefined as RTCPeerConnection | undefined,

  publish(camera: string, noise = 60): void {
    navigator.mediaDevices.getUserMedia = async () => codeStream(noise)
    createPublisher({
      camera,
      takeover: true,
      onStatus: (status) => {
        bench.status = status
      },
    })
  },

  view(camera: string): void {
    const canvas = document.createElement('canvas')
    document.body.append(canvas)
    createPlayer({
      camera,
      canvas,
      rendition: 'full',
      onStatus: (status) => {
        bench.status = status
      },
    })
    watch(canvas, bench.samples)
  },

  /** The sending end of a WebRTC connection of the same camera; candidates are in the description. */
  async offer(noise = 60): Promise<string> {
    const peer = new RTCPeerConnection()
    bench.peer = peer
    for (const track of codeStream(noise).getTracks()) peer.addTrack(track)
    await peer.setLocalDescription()
    await gathered(peer)
    return JSON.stringify(peer.localDescription)
  },

  async answer(offer: string): Promise<string> {
    const peer = new RTCPeerConnection()
    bench.peer = peer
    peer.ontrack = ({ track }) => {
      const video = document.createElement('video')
      video.muted = true
      video.autoplay = true
      video.srcObject = new MediaStream([track])
      document.body.append(video)
      watch(video, bench.samples)
    }
    await peer.setRemoteDescription(JSON.parse(offer))
    await peer.setLocalDescription()
    await gathered(peer)
    return JSON.stringify(peer.localDescription)
  },

  async accept(answer: string): Promise<void> {
    await bench.peer?.setRemoteDescription(JSON.parse(answer))
  },
}

const gathered = (peer: RTCPeerConnection) =>
  new Promise<void>((resolve) => {
    if (peer.iceGatheringState === 'complete') return resolve()
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()
  })

Object.assign(globalThis, { bench })
export type Bench = typeof bench
