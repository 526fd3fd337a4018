import type { Server } from 'node:http'
import { constants, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Milliseconds between two looks for requests that are too slow: how late a time-out may be. */
export const CHECK_MS = 500
/** Milliseconds without any traffic after which an HTTP/2 session ends. */
const SESSION_IDLE_MS = 60_000
const REQUEST_MS = 60_000
/** Requests at once in one HTTP/2 session. */
const MAX_STREAMS = 128
/** Megabytes that one HTTP/2 session may take (its unit is megabytes). */
const MAX_SESSION_MEGABYTES = 10

/**
 * The app's HTTP/1 and HTTP/2 servers, for sockets that somebody else accepted. Neither ever listens.
 *
 * Node begins to watch a server's connections (headersTimeout, requestTimeout, closeIdleConnections) when it begins to listen
 * (lib/_http_server.js, setupConnectionsTracking): without that event slow requests last for ever. Closing the server ends the watch.
 */
export class InjectedServers {
  readonly #h1: Server
  readonly #h2: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()

  /** @param requestMs for a whole request of HTTP/2; HTTP/1's stands in the server */
  constructor(app: FastifyInstance, requestMs = REQUEST_MS) {
    this.#h1 = app.server
    this.#h1.emit('listening')
    this.#h2 = createServer({ settings: { maxConcurrentStreams: MAX_STREAMS }, maxSessionMemory: MAX_SESSION_MEGABYTES })
    this.#h2.on('request', (request, response) => {
      // RFC 9113 §8.3.1: :authority is what Host is in HTTP/1, and every guard asks for that.
      request.headers.host ??= request.headers[':authority']
      const late = setTimeout(() => !request.complete && request.stream.close(constants.NGHTTP2_CANCEL), requestMs)
      request.stream.once('close', () => clearTimeout(late))
      app.routing(request as never, response as never)
    })
    this.#h2.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      session.setTimeout(SESSION_IDLE_MS, () => {
        // Streams that nothing moves on would keep it open.
        session.close()
        setTimeout(() => session.destroy(), 1000).unref()
      })
      session.on('error', () => session.destroy())
    })
    this.#h2.on('sessionError', () => {})
  }

  readonly acceptHttp1 = (socket: Socket): void => {
    this.#h1.emit('connection', socket)
  }

  readonly acceptHttp2 = (socket: Socket): void => {
    this.#h2.emit('connection', socket)
  }

  /** Ends HTTP/2 sessions: at once the idle ones, the others when their requests are done or `ms` passed. */
  async close(ms: number): Promise<void> {
    const sessions = [...this.#sessions]
    const ended = sessions.map((session) => new Promise<void>((resolve) => void session.once('close', () => resolve())))
    for (const session of sessions) session.close()
    const timer = setTimeout(() => {
      for (const session of sessions) session.destroy()
    }, ms)
    await Promise.all(ended)
    clearTimeout(timer)
  }
}
