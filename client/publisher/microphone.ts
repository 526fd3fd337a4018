import type { AudioConfig } from '../../shared/protocol/messages.ts'
import { type Micros, microsSpan } from '../../shared/units/time.ts'
import { CaptureClock } from './capture-clock.ts'
import type { EncodedHeader } from './rendition.ts'

/** Bits a second of the sound, and µs of one Opus packet. */
const BITRATE = 48_000
const PACKET_US = 20_000
/** Packets the encoder may hold. */
const MAX_QUEUE = 10

export interface MicrophoneEvents {
  config(config: AudioConfig): void
  frame(header: EncodedHeader, payload: Uint8Array): void
  nextEpoch(): number
  now(): Micros
}

/** Reads a microphone and encodes Opus while somebody wants it. */
export class Microphone {
  readonly #events: MicrophoneEvents
  readonly #reader: ReadableStreamDefaultReader<AudioData>
  readonly #clock = new CaptureClock()
  #encoder: AudioEncoder | undefined
  #epoch = 0
  #wanted = false

  constructor(source: ReadableStream<AudioData>, events: MicrophoneEvents) {
    this.#events = events
    this.#reader = source.getReader()
    void this.#read()
  }

  setWanted(wanted: boolean): void {
    this.#wanted = wanted
    if (!wanted) this.restart()
  }

  /** The next packet begins a new epoch. */
  restart(): void {
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close()
    this.#encoder = undefined
  }

  close(): void {
    this.restart()
    this.#reader.cancel().catch(() => {})
  }

  async #read(): Promise<void> {
    for (;;) {
      const { value: data, done } = await this.#reader.read().catch(() => ({ value: undefined, done: true }))
      if (done || !data) return
      const time = this.#clock.time(data.timestamp, this.#events.now())
      if (this.#wanted) this.#encode(data, time)
      data.close()
    }
  }

  #encode(data: AudioData, time: Micros): void {
    this.#encoder ??= this.#open(data.sampleRate, data.numberOfChannels, data.timestamp, time)
    if (this.#encoder.encodeQueueSize < MAX_QUEUE) this.#encoder.encode(data)
  }

  #open(sampleRate: number, channels: number, stamp: number, time: Micros): AudioEncoder {
    this.#epoch = this.#events.nextEpoch()
    let announced = false
    // The encoder's stamps go on from the first sample's; packets are on the wall clock by the same distance.
    const distance = time - stamp
    const encoder = new AudioEncoder({
      output: (chunk) => {
        if (encoder !== this.#encoder) return
        if (!announced)
          this.#events.config({ type: 'config', epoch: this.#epoch, kind: 'audio', rendition: 'full', codec: 'opus', sampleRate, channels })
        announced = true
        const payload = new Uint8Array(chunk.byteLength)
        chunk.copyTo(payload)
        this.#events.frame(
          {
            kind: 'audio',
            key: true,
            layer: 0,
            rendition: 'full',
            epoch: this.#epoch,
            time: Math.round(chunk.timestamp + distance) as Micros,
            duration: microsSpan(chunk.duration ?? PACKET_US),
          },
          payload,
        )
      },
      error: () => {
        if (encoder === this.#encoder) this.#encoder = undefined
      },
    })
    encoder.configure({
      codec: 'opus',
      sampleRate,
      numberOfChannels: channels,
      bitrate: BITRATE,
      opus: { frameDuration: PACKET_US },
    } as AudioEncoderConfig)
    return encoder
  }
}
