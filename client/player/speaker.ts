/** Milliseconds between a sound's arrival and its playing: what the network's jitter may take. */
const BUFFER_MS = 60
/** Milliseconds that may be waiting to be played; more means the clocks drifted apart. */
const MAX_AHEAD_MS = 250

/** Plays packets of samples in step: each at its capture time plus one delay, that the pictures follow. */
export class Speaker {
  readonly #context = new AudioContext({ latencyHint: 'interactive' })
  readonly #onDelay: (ms: number) => void
  /** Seconds from capture (server's clock) to the context's clock. */
  #offset: number | undefined
  #delay = 0

  constructor(onDelay: (ms: number) => void) {
    this.#onDelay = onDelay
    void this.#context.resume()
  }

  play(sound: { time: number; age: number; sampleRate: number; channels: Float32Array<ArrayBuffer>[] }): void {
    const first = sound.channels[0]
    if (!first || first.length === 0 || this.#context.state !== 'running') return
    const now = this.#context.currentTime
    const captured = sound.time / 1e6
    const ahead = this.#offset === undefined ? -1 : (captured + this.#offset - now) * 1000
    if (ahead < 0 || ahead > MAX_AHEAD_MS) this.#offset = now + BUFFER_MS / 1000 - captured
    const at = captured + (this.#offset as number)
    const buffer = this.#context.createBuffer(sound.channels.length, first.length, sound.sampleRate)
    for (const [i, samples] of sound.channels.entries()) buffer.copyToChannel(samples, i)
    const source = this.#context.createBufferSource()
    source.buffer = buffer
    source.connect(this.#context.destination)
    source.start(at)
    const output = this.#context.outputLatency || 0
    const delay = Math.round(sound.age + (at - now + output) * 1000)
    if (Math.abs(delay - this.#delay) < 15) return
    this.#delay = delay
    this.#onDelay(delay)
  }

  close(): void {
    this.#onDelay(0)
    void this.#context.close()
  }
}
