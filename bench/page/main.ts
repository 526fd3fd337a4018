import { createPlayer, liveUrl } from '../../client/player/player.ts'
import '../../client/player/worker.ts'
import type { PlayerStatus } from '../../client/player/types.ts'
import { createPublisher } from '../../client/publisher/publisher.ts'
import type { PublisherStatus } from '../../client/publisher/types.ts'
import { clockMs, codeReader, drawCode, PICTURE_HEIGHT as HEIGHT, PICTURE_WIDTH as WIDTH } from './code.ts'
import { DRAWS, type Draw } from './draws.ts'

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
function watch(element: HTMLCanvasElement | HTMLVideoElement): void {
  const read = codeReader()
  const look = () => {
    requestAnimationFrame(look)
    const width = element instanceof HTMLVideoElement ? element.videoWidth : element.width
    if (width < 16) return
    bench.width = width
    const at = clockMs()
    const seen = read((context) => context.drawImage(element, 0, 0), width, at)
    if (seen) bench.samples.push({ at, age: seen.age })
  }
  requestAnimationFrame(look)
}

/** Each picture of a video when the browser submitted it for composition (HTMLVideoElement.requestVideoFrameCallback). */
function watchDraws(video: HTMLVideoElement): void {
  const read = codeReader()
  const presented = (_now: number, { presentationTime }: VideoFrameCallbackMetadata) => {
    video.requestVideoFrameCallback(presented)
    const at = performance.timeOrigin + presentationTime
    const seen = read((context) => context.drawImage(video, 0, 0), video.videoWidth, at)
    if (seen) bench.draws.push({ at, age: seen.age })
  }
  video.requestVideoFrameCallback(presented)
}

const bench = {
  /** As an animation frame of the page saw them. */
  samples: [] as Sample[],
  /** As they were drawn: handed to the browser's compositor. */
  draws: [] as Sample[],
  /** Pixels of the picture that is shown. */
  width: 0,
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
    createPlayer({
      url: liveUrl(camera),
      host: document.body,
      rendition: 'full',
      onStatus: (status) => {
        bench.status = status
      },
    })
    watch(document.body.querySelector('canvas') as HTMLCanvasElement)
    new BroadcastChannel(DRAWS).onmessage = ({ data: { at, age } }: MessageEvent<Draw>) => bench.draws.push({ at, age })
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
      watch(video)
      watchDraws(video)
    }
    await peer.setRemoteDescription(JSON.parse(offer))
    await peer.setLocalDescription()
    await gathered(peer)
    return JSON.stringify(peer.localDescription)
  },

  /** The camera's pictures in pictures of the screen. */
  async readShots(shots: readonly { at: number; jpeg: string }[]): Promise<Sample[]> {
    const read = codeReader()
    const samples: Sample[] = []
    for (const { at, jpeg } of shots) {
      const image = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${jpeg}`)).blob())
      const seen = read((context) => context.drawImage(image, 0, 0), bench.width, at)
      if (seen) samples.push({ at, age: seen.age })
      image.close()
    }
    return samples
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
