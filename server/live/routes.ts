import type { FastifyPluginCallback, FastifyReply } from 'fastify'
import { declared, type Stream, streams } from '../../shared/contract/streams.ts'
import { isoTime } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import type { Bus } from '../bus/bus.ts'
import type { Frame } from '../bus/frame.ts'
import { pictures, snapshot } from './pictures.ts'

/** Bytes that may wait for a motion-JPEG viewer; while more do, pictures are left out. HTTP viewers cannot acknowledge. */
const MAX_MJPEG_BACKLOG_BYTES = 128 * 1024
/** Between parts; never inside a JPEG, whose parts carry their length. */
const BOUNDARY = 'porthole-picture'

const picture: Stream = streams['porthole.camera.picture']
const motion: Stream = streams['porthole.camera.motion_jpeg']

interface CameraParams {
  camera: string
}

/** `/live/:camera.jpg` and `/live/:camera.mjpeg`: pictures over plain HTTP. */
export const liveRoutes =
  (bus: Bus, clock: Clock, missing: (camera: string) => Promise<unknown>): FastifyPluginCallback =>
  (app, _options, done) => {
    const channelOf = async (camera: string) => {
      // Says whether it is unknown or deleted.
      await missing(camera)
      return bus.channel(camera)
    }
    app.get<{ Params: CameraParams }>(picture.path, { config: declared(picture) }, async (request, reply) => {
      const frame = await snapshot(await channelOf(request.params.camera), clock, closed(reply))
      return reply
        .type('image/jpeg')
        .header('cache-control', 'no-store')
        .header('last-modified', new Date(frame.time / 1000).toUTCString())
        .header('x-porthole-time', isoTime(frame.time))
        .send(frame.payload)
    })
    app.get<{ Params: CameraParams }>(motion.path, { config: declared(motion) }, async (request, reply) => {
      const channel = await channelOf(request.params.camera)
      reply.hijack()
      const response = reply.raw
      // The connection belongs to this response until it ends.
      request.raw.socket.setTimeout(0)
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
        'cache-control': 'no-store',
        connection: 'close',
      })
      response.flushHeaders()
      const write = ({ payload, time }: Pick<Frame, 'payload' | 'time'>) => {
        response.write(
          `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${payload.byteLength}\r\nX-Timestamp: ${isoTime(time)}\r\n\r\n`,
        )
        response.write(payload)
        response.write('\r\n')
      }
      await pictures(channel, () => response.writableLength < MAX_MJPEG_BACKLOG_BYTES, write, closed(reply))
      response.end(`--${BOUNDARY}--\r\n`)
    })
    done()
  }

/** Aborts when the client goes away, or is gone. */
function closed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  if (reply.raw.destroyed) controller.abort()
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}
