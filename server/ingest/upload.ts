import type { Readable } from 'node:stream'
import type { FastifyPluginCallback } from 'fastify'
import { declared, type Stream, streams } from '../../shared/contract/streams.ts'
import { HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { MAX_FRAME_BYTES } from '../../shared/protocol/limits.ts'
import { isoTime, type Micros, microsSpan } from '../../shared/units/time.ts'
import { bodyChunks } from '../base/body.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Channel, Publisher } from '../bus/channel.ts'
import { jpegInfo } from '../media/jpeg.ts'

const upload: Stream = streams['porthole.camera.upload']

/** Bytes of an uploaded picture: it travels to viewers as one frame. */
export const MAX_UPLOAD_BYTES = MAX_FRAME_BYTES - HEADER_BYTES
/** Milliseconds for one upload. */
const UPLOAD_MS = 30_000
/** Milliseconds without an upload after which the camera counts as offline. */
const SILENT_MS = 120_000

/** A camera that devices send pictures to. It is live while they come; a viewer who comes between two is shown the last. */
export class UploadSource implements Publisher {
  readonly offer = { renditions: { full: false, thumb: false, picture: true }, audio: false, instance: 'upload' }
  readonly pushed = true
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #log: Log
  readonly #onClose: () => void
  #attached = false
  #size = ''
  #sequence = 0
  #cancelSilence = () => {}

  constructor(options: { channel: Channel; clock: Clock; log: Log; onClose: () => void }) {
    this.#channel = options.channel
    this.#clock = options.clock
    this.#log = options.log
    this.#onClose = options.onClose
  }

  /** Shows a whole JPEG. @throws PortholeError request.invalid when it is none */
  show(jpeg: Buffer): { width: number; height: number; time: Micros } {
    const info = jpegInfo(jpeg)
    if (!info.ok) throw new PortholeError('request.invalid', `the picture ${info.detail}`)
    const { width, height } = info
    this.#attach()
    const size = `${width}×${height}`
    if (size !== this.#size)
      this.#channel.configure({ type: 'config', epoch: 1, kind: 'picture', rendition: 'picture', codec: 'jpeg', width, height })
    this.#size = size
    const time = this.#clock.now()
    this.#channel.publish(
      { kind: 'picture', key: true, layer: 0, rendition: 'picture', epoch: 1, sequence: this.#sequence++, time, duration: microsSpan(0) },
      jpeg,
    )
    return { width, height, time }
  }

  demand(): void {}
  requestKey(): void {}

  end(): void {
    this.#cancelSilence()
    this.#attached = false
    this.#size = ''
  }

  async close(): Promise<void> {
    this.#detach()
    this.#onClose()
  }

  #attach(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#clock.after(SILENT_MS, () => this.#detach())
    if (this.#attached) return
    this.#channel.attach(this, true)
    this.#attached = true
    this.#log.info({ camera: this.#channel.id }, 'uploads begin')
  }

  #detach(): void {
    if (!this.#attached) return
    this.end()
    this.#channel.detach(this)
    this.#log.info({ camera: this.#channel.id }, 'uploads ended')
  }
}

/** The upload cameras that there are now. */
export class Uploads {
  readonly #sources = new Map<string, UploadSource>()
  readonly #clock: Clock
  readonly #log: Log

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  open(channel: Channel): UploadSource {
    const source = new UploadSource({ channel, clock: this.#clock, log: this.#log, onClose: () => this.#sources.delete(channel.id) })
    this.#sources.set(channel.id, source)
    return source
  }

  /**
   * `PUT /upload/:camera`: a JPEG, handled as its bytes arrive, shown when it is whole.
   * @param known throws when there is no such camera
   */
  routes(known: (camera: string) => Promise<unknown>): FastifyPluginCallback {
    return (app, _options, done) => {
      // The body is the handler's: nothing is collected before it.
      app.removeAllContentTypeParsers()
      app.addContentTypeParser(upload.takes as string, (_request, payload, parsed) => parsed(null, payload))
      app.put<{ Params: { camera: string }; Body: Readable | undefined }>(
        upload.path,
        { config: declared(upload) },
        async (request, reply) => {
          const { camera } = request.params
          await known(camera)
          if (!this.#sources.has(camera)) throw new PortholeError('camera.source')
          if (Number(request.headers['content-length'] ?? 0) > MAX_UPLOAD_BYTES) throw new PortholeError('request.too-large')
          if (!request.body) throw new PortholeError('request.invalid', 'the body is empty')
          const chunks: Buffer[] = []
          for await (const chunk of bodyChunks(request.body, { maxBytes: MAX_UPLOAD_BYTES, maxMs: UPLOAD_MS, clock: this.#clock }))
            chunks.push(chunk)
          // It may have been deleted meanwhile.
          await known(camera)
          const source = this.#sources.get(camera)
          if (!source) throw new PortholeError('camera.source')
          const jpeg = Buffer.concat(chunks)
          const { width, height, time } = source.show(jpeg)
          return reply.code(201).send({ camera, time: isoTime(time), bytes: jpeg.length, width, height })
        },
      )
      done()
    }
  }
}
