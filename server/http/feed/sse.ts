import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { EventId } from '../../../shared/contract/feed.ts'
import { declared, type Stream, streams } from '../../../shared/contract/streams.ts'
import { fault, type Schema } from '../../../shared/protocol/check.ts'
import { type Clock, every } from '../../base/clock.ts'
import { PortholeError } from '../../base/errors.ts'
import type { Avatar } from '../../base/handlers.ts'
import { isGone } from '../gone.ts'
import { fromQuery } from '../routes.ts'
import type { Feed } from './feed.ts'
import type { FeedWish, Sink } from './subscriber.ts'

/** Streams at once. */
const MAX_STREAMS = 1000
const MAX_STREAMS_OF_USER = 200
/** Milliseconds between two signs of life: proxies close what is silent. */
const BEAT_MS = 15_000
/** Milliseconds after which a browser connects again. */
const RETRY_MS = 2000

export interface SseOptions {
  readonly feed: Feed
  readonly clock: Clock
  readonly avatarOf: (request: FastifyRequest) => Avatar
}

/** `/api/v1/events`: server-sent events (HTML Living Standard §9.2), each a message of `/ws/events`, with the event's id where it is kept. */
export const eventStream =
  ({ feed, clock, avatarOf }: SseOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const { method, path, query }: Stream = streams['porthole.event.stream']
    /** And who reads it. */
    const open = new Map<FastifyReply, string | undefined>()
    const stop = every(clock, BEAT_MS, () => {
      for (const { raw } of open.keys()) if (!raw.writableEnded) raw.write(':\n\n')
    })
    app.addHook('onClose', (_app, closed) => {
      stop()
      closed()
    })
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      config: declared(streams['porthole.event.stream']),
      handler: async (request, reply) => {
        const wish = wishOf(request, query as never)
        const avatar = avatarOf(request)
        await feed.check(avatar, wish)
        const theirs = [...open.values()].filter((user) => user === avatar.user).length
        if (open.size >= MAX_STREAMS || theirs >= MAX_STREAMS_OF_USER) throw new PortholeError('server.limit')
        begin(request, reply)
        open.set(reply, avatar.user)
        const end = feed.open(sinkOf(reply), avatar, wish)
        const over = () => {
          open.delete(reply)
          end()
        }
        if (isGone(reply)) over()
        else reply.raw.once('close', over)
      },
    })
    done()
  }

/** @throws PortholeError request.invalid */
function wishOf({ query, headers }: FastifyRequest, schema: Schema): FeedWish {
  const said = fromQuery(query as Record<string, string>, schema)
  const last = headers['last-event-id']
  // A browser's own header is newer than the address that it was first opened with.
  const after = last === undefined || last === '' ? {} : { after: /^\d{1,16}$/.test(String(last)) ? Number(last) : last }
  const wish = { ...said, ...after }
  const found = fault(schema, wish) ?? fault(EventId as Schema, wish.after ?? 0, 'Last-Event-ID')
  if (found !== undefined) throw new PortholeError('request.invalid', found)
  return wish as FeedWish
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  // What is written after its end, by a beat or a last word, has nobody to fail for.
  reply.raw.on('error', () => {})
  // Of HTTP/2 it would be the whole session's.
  if (request.raw.httpVersionMajor === 1) request.raw.socket.setTimeout(0)
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would collect it (ngx_http_proxy_module, proxy_buffering).
    'x-accel-buffering': 'no',
  })
  reply.raw.write(`retry: ${RETRY_MS}\n\n`)
}

const sinkOf = ({ raw }: FastifyReply): Sink => ({
  // JSON has no line breaks.
  send: (text, id) => void raw.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${text}\n\n`),
  get backlog() {
    return raw.writableLength
  },
  close(error) {
    // Who does not read would be waited for.
    if (error.code === 'server.limit') return void raw.destroy()
    raw.end(`data: ${JSON.stringify({ type: 'error', code: error.code, message: error.message })}\n\n`)
  },
})
