import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import { declared, streams } from '../../shared/contract/streams.ts'
import type { Links } from '../base/links.ts'
import { version } from '../base/version.ts'
import { openApi } from './openapi.ts'

export interface ReferenceOptions {
  readonly links: Links
  /** Scheme and host that a request asked for. */
  readonly askedOf: (request: FastifyRequest['raw']) => string
}

/** The contract as a document. */
export const referenceRoutes =
  ({ links, askedOf }: ReferenceOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const definition = streams['porthole.server.openapi']
    app.get(definition.path, { config: declared(definition) }, async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return openApi({ version: version(), url: links.base(askedOf(request.raw)).url })
    })
    done()
  }
