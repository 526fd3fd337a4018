import { appUrl } from '../transport/base.ts'
import { socketUrl } from '../transport/socket.ts'
import { CaptureFailure, frameStream, listCameras, openCamera, openMicrophone, pumpElement } from './capture.ts'
import type { FromPublisherRuntime, ToPublisherRuntime } from './runtime-messages.ts'
import type { Facing, Publisher, PublisherOptions, PublisherStatus } from './types.ts'

const STARTING: PublisherStatus = {
  state: 'starting',
  watched: false,
  error: null,
  width: 0,
  height: 0,
  fps: 0,
  kbps: 0,
  codec: null,
  microphone: false,
  devices: [],
  camera: null,
}

/** Publishes this browser's camera as one camera server, until it is stopped or refused. */
export function createPublisher(options: PublisherOptions): Publisher {
  return new BrowserPublisher(options)
}

class BrowserPublisher implements Publisher {
  readonly #options: PublisherOptions
  readonly #worker: Worker
  readonly #webCodecs = 'VideoEncoder' in globalThis && 'VideoFrame' in globalThis
  #status = STARTING
  #stream: MediaStream | null = null
  #microphone: MediaStream | undefined
  #stopPump: (() => void) | undefined
  #wakeLock: WakeLockSentinel | undefined
  #stopped = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    this.#worker.onmessage = ({ data }: MessageEvent<FromPublisherRuntime>) => this.#onRuntime(data)
    document.addEventListener('visibilitychange', this.#keepAwake)
    navigator.mediaDevices?.addEventListener('devicechange', this.#devicesChanged)
    void this.#start()
  }

  get stream(): MediaStream | null {
    return this.#stream
  }

  setCamera(deviceId: string): Promise<void> {
    return this.#change({ device: deviceId })
  }

  setFacing(facing: Facing): Promise<void> {
    return this.#change({ facing })
  }

  async setMicrophone(on: boolean): Promise<void> {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop()
    this.#microphone = undefined
    this.#post({ type: 'audio', source: null })
    this.#set({ microphone: false })
    if (!on) return
    try {
      const stream = await openMicrophone()
      const track = stream.getAudioTracks()[0]
      const source = track && 'AudioEncoder' in globalThis ? frameStream<AudioData>(track) : undefined
      if (!source) {
        for (const other of stream.getTracks()) other.stop()
        throw new CaptureFailure('no-codec', 'this browser cannot encode sound')
      }
      this.#microphone = stream
      this.#post({ type: 'audio', source }, [source])
      this.#set({ microphone: true })
    } catch (error) {
      this.#failed(error)
    }
  }

  takeOver(): void {
    this.#set({ error: null, state: 'connecting' })
    this.#post({ type: 'takeover' })
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    document.removeEventListener('visibilitychange', this.#keepAwake)
    navigator.mediaDevices?.removeEventListener('devicechange', this.#devicesChanged)
    this.#stopPump?.()
    this.#post({ type: 'close' })
    // Time for the socket to say goodbye.
    setTimeout(() => this.#worker.terminate(), 500)
    for (const track of [...(this.#stream?.getTracks() ?? []), ...(this.#microphone?.getTracks() ?? [])]) track.stop()
    void this.#wakeLock?.release().catch(() => {})
    this.#set({ state: 'stopped', watched: false })
  }

  async #start(): Promise<void> {
    this.#set({})
    try {
      if (typeof OffscreenCanvas === 'undefined' && !this.#webCodecs)
        throw new CaptureFailure('no-codec', 'neither WebCodecs nor OffscreenCanvas')
      const stream = this.#options.stream ?? (await openCamera())
      if (this.#stopped) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      this.#post({
        type: 'open',
        url: this.#options.url ?? socketUrl(appUrl(`/ws/publish/${encodeURIComponent(this.#options.camera)}`)),
        takeover: this.#options.takeover,
        instance: crypto.randomUUID(),
        webCodecs: this.#webCodecs,
      })
      this.#set({ state: 'connecting' })
      this.#use(stream)
      this.#devicesChanged()
      this.#keepAwake()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #change(wish: Parameters<typeof openCamera>[0]): Promise<void> {
    try {
      // Phones give one camera at a time: the old one goes first.
      for (const track of this.#stream?.getTracks() ?? []) track.stop()
      this.#use(await openCamera(wish))
    } catch (error) {
      this.#failed(error)
    }
  }

  #use(stream: MediaStream): void {
    this.#stream = stream
    this.#stopPump?.()
    this.#stopPump = undefined
    const track = stream.getVideoTracks()[0]
    if (!track) return
    track.addEventListener('ended', () => this.#unplugged(stream))
    this.#set({ camera: track.getSettings().deviceId ?? null, error: null })
    const frames = this.#webCodecs ? frameStream<VideoFrame>(track) : undefined
    if (frames) return this.#post({ type: 'video', source: frames }, [frames])
    if (!this.#webCodecs) return this.#pump()
    // Safari: tracks can be given to a worker, which makes the stream there. A copy, so that the preview goes on.
    const copy = track.clone()
    try {
      this.#post({ type: 'video', source: copy }, [copy as unknown as Transferable])
    } catch {
      copy.stop()
      this.#pump()
    }
  }

  #pump(): void {
    if (!this.#stream) return
    this.#post({ type: 'video', source: null })
    this.#stopPump = pumpElement(this.#stream, this.#webCodecs, (frame) => this.#post({ type: 'frame', frame }, [frame]))
  }

  /** The device is gone (unplugged, or taken by the system): go on with another, if there is one. */
  #unplugged(stream: MediaStream): void {
    if (this.#stopped || stream !== this.#stream) return
    openCamera().then(
      (another) => this.#use(another),
      (error) => this.#failed(error),
    )
  }

  #onRuntime(message: FromPublisherRuntime): void {
    if (message.type === 'no-processor') return this.#pump()
    if (this.#stopped) return
    const { connected, ended, ...numbers } = message.status
    const state = connected ? 'live' : 'connecting'
    this.#set({
      ...numbers,
      ...(ended ? { state: 'stopped', error: { kind: 'server', ...ended } } : this.#stream?.active ? { state } : {}),
    })
  }

  #failed(error: unknown): void {
    const reason = error instanceof CaptureFailure ? error.reason : 'failed'
    const detail = error instanceof Error ? error.message : String(error)
    this.#set({ state: this.#stream?.active ? this.#status.state : 'stopped', error: { kind: 'capture', reason, detail } })
  }

  readonly #devicesChanged = (): void => {
    listCameras().then(
      (devices) => {
        this.#set({ devices })
        // A camera was plugged in again after the last one was lost.
        if (this.#stream && !this.#stream.active && devices.length > 0) this.#unplugged(this.#stream)
      },
      () => {},
    )
  }

  /** Phones turn their screen off, and the camera with it, unless they are asked not to. */
  readonly #keepAwake = (): void => {
    if (document.hidden || !('wakeLock' in navigator)) return
    navigator.wakeLock.request('screen').then(
      (lock) => {
        this.#wakeLock = lock
      },
      () => {},
    )
  }

  #set(change: Partial<PublisherStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#options.onStatus(this.#status)
  }

  #post(message: ToPublisherRuntime, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }
}
