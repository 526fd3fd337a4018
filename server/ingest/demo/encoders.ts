import type { Canvas } from '@napi-rs/canvas'
import type { EncodedVideoChunk, VideoEncoder, VideoEncoderConfig, VideoFrame } from '@napi-rs/webcodecs'

/** The codec package, which is optional: without it the camera offers pictures only. */
export type Codecs = typeof import('@napi-rs/webcodecs')
export type VideoRendition = 'full' | 'thumb'

/** Frames a second of both video renditions. */
export const FRAME_RATE = 15
/** Quality of the JPEG pictures, 0 to 100. */
const PICTURE_QUALITY = 80

/**
 * H.264, because of the package's encoders it alone gives each frame at once: its VP9 holds back 24 frames in every mode
 * (libvpx's default look-ahead, which cannot be set), its VP8 and AV1 take 40 ms and more of a core for a frame. Its
 * `scalabilityMode` only numbers the chunks, the frames do refer to the ones above; so there is one temporal layer.
 */
const H264 = 'avc1.42001f'
const SIZES: Readonly<Record<VideoRendition, Pick<VideoEncoderConfig, 'width' | 'height' | 'bitrate'>>> = {
  full: { width: 640, height: 360, bitrate: 500_000 },
  thumb: { width: 320, height: 180, bitrate: 120_000 },
}

const configOf = (rendition: VideoRendition): VideoEncoderConfig => ({
  ...SIZES[rendition],
  codec: H264,
  framerate: FRAME_RATE,
  bitrateMode: 'constant',
  // 'realtime' makes a key frame of every tenth; the encoder is without delay in both modes.
  latencyMode: 'quality',
  hardwareAcceleration: 'prefer-software',
  avc: { format: 'annexb' },
})

/** The codec package when it is installed, works on this machine and encodes what we need. */
export async function loadCodecs(): Promise<Codecs | undefined> {
  try {
    const codecs = await import('@napi-rs/webcodecs')
    const { supported } = await codecs.VideoEncoder.isConfigSupported(configOf('full'))
    return supported ? codecs : undefined
  } catch {
    return undefined
  }
}

export interface EncodedFrame {
  readonly rendition: VideoRendition
  readonly key: boolean
  /** The timestamp of the frame that was encoded. */
  readonly time: number
  readonly bytes: Uint8Array
  /** Set with a key frame: the codec string that its bytes say. */
  readonly codec: string | undefined
}

/** The encoder of one rendition, scaling included. Errors are told once; then it is of no more use. */
export class RenditionEncoder {
  readonly width: number
  readonly height: number
  readonly #encoder: VideoEncoder
  readonly #onFrame: (frame: EncodedFrame) => void
  readonly #rendition: VideoRendition
  #closed = false

  constructor(codecs: Codecs, rendition: VideoRendition, onFrame: (frame: EncodedFrame) => void, onError: (error: Error) => void) {
    const config = configOf(rendition)
    this.width = config.width
    this.height = config.height
    this.#rendition = rendition
    this.#onFrame = onFrame
    this.#encoder = new codecs.VideoEncoder({
      output: (chunk) => this.#output(chunk),
      error: (error) => {
        if (!this.#closed) onError(error)
      },
    })
    this.#encoder.configure(config)
  }

  encode(frame: VideoFrame, key: boolean): void {
    this.#encoder.encode(frame, { keyFrame: key })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#encoder.close()
  }

  #output(chunk: EncodedVideoChunk): void {
    if (this.#closed) return
    const bytes = new Uint8Array(chunk.byteLength)
    chunk.copyTo(bytes)
    const key = chunk.type === 'key'
    this.#onFrame({ rendition: this.#rendition, key, time: chunk.timestamp, bytes, codec: key ? codecString(bytes) : undefined })
  }
}

/**
 * `avc1.PPCCLL` from the sequence parameter set of an Annex B access unit (RFC 6381 §3.3, ITU-T H.264 §7.3.2.1.1):
 * profile, constraint flags and level are the three bytes after its NAL header.
 */
export function codecString(unit: Uint8Array): string | undefined {
  const bytes = Buffer.from(unit.buffer, unit.byteOffset, unit.byteLength)
  for (let at = bytes.indexOf(START_CODE); at >= 0; at = bytes.indexOf(START_CODE, at + 3)) {
    const type = (bytes[at + 3] ?? 0) & 0x1f
    if (type === SPS && at + 7 <= bytes.length) return `avc1.${bytes.toString('hex', at + 4, at + 7)}`
  }
  return undefined
}
const START_CODE = Buffer.from([0, 0, 1])
const SPS = 7

/** The canvas as JPEG. */
export const encodePicture = (canvas: Canvas): Uint8Array => canvas.encodeSync('jpeg', PICTURE_QUALITY)
