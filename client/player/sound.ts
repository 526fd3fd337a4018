import type { FrameHeader } from '../../shared/protocol/frame.ts'
import type { AudioConfig } from '../../shared/protocol/messages.ts'

export interface Sound {
  readonly time: number
  readonly sampleRate: number
  readonly channels: Float32Array<ArrayBuffer>[]
}

/** Packets the decoder may hold. */
const MAX_QUEUE = 20

/** Opus (or whatever the configuration says) to samples. */
export class SoundDecoder {
  readonly #onSound: (sound: Sound) => void
  #decoder: AudioDecoder | undefined
  #config: AudioConfig | undefined

  constructor(onSound: (sound: Sound) => void) {
    this.#onSound = onSound
  }

  configure(config: AudioConfig): void {
    this.close()
    this.#config = config
  }

  decode(header: FrameHeader, payload: Uint8Array): void {
    const config = this.#config
    if (!config || typeof AudioDecoder === 'undefined') return
    this.#decoder ??= this.#open(config)
    if (this.#decoder.decodeQueueSize > MAX_QUEUE) return
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: header.time, duration: header.duration, data: payload }))
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close()
    this.#decoder = undefined
  }

  #open(config: AudioConfig): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (data) => {
        const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
          const samples = new Float32Array(data.numberOfFrames)
          data.copyTo(samples, { planeIndex, format: 'f32-planar' })
          return samples
        })
        this.#onSound({ time: data.timestamp, sampleRate: data.sampleRate, channels })
        data.close()
      },
      error: () => {
        if (this.#decoder === decoder) this.#decoder = undefined
      },
    })
    decoder.configure({ codec: config.codec, sampleRate: config.sampleRate, numberOfChannels: config.channels })
    return decoder
  }
}
