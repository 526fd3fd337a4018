import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import { declared, streams } from '../../shared/contract/streams.ts'
import { version } from '../base/version.ts'
import { openApi } from './openapi.ts'

export interface ReferenceOptions {
  readonly publicUrl: URL | undefined
  /** Scheme and host that a request asked for. */
  readonly askedOf: (request: FastifyRequest['raw']) => string
}

/** The contract as a document. */
export const referenceRoutes =
  ({ publicUrl, askedOf }: ReferenceOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const definition = streams['porthole.server.openapi']
    app.get(definition.path, { config: declared(definition) }, async (request, reply) => {
      reply.header('cache-control', 'no-store')
      // Who reads it asks this server where they reached it.
      return openApi({ version: version(), url: publicUrl?.href.replace(/\/$/, '') ?? askedOf(request.raw) })
    })
    done()
  }
