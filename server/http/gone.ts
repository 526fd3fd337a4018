import type { ServerHttp2Stream } from 'node:http2'
import type { FastifyReply } from 'fastify'

/** Whether nobody takes the answer any more; HTTP/2's own responses do not say so themselves. */
export const isGone = ({ raw }: Pick<FastifyReply, 'raw'>): boolean =>
  raw.destroyed || ('stream' in raw && (raw.stream as ServerHttp2Stream | undefined)?.destroyed === true)
