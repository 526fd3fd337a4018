import type { FastifyReply, FastifyRequest } from 'fastify'
import { asPortholeError } from '../base/errors.ts'
import type { Answer } from './answers.ts'
import { problemOf } from './problem.ts'

/** Whether who asks wants to hear how it goes on. */
export const wantsProgress = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean => (headers.accept ?? '').includes('text/event-stream')

/**
 * Answers as server-sent events: `progress` as it goes on, then one `result`, or one `error` that is what would have been the problem.
 * @param make does it, and tells how it goes on
 * @param failed is told of the error first
 */
export async function sendProgress(
  reply: FastifyReply,
  make: (tell: (value: unknown) => void) => Promise<Answer>,
  failed: (error: unknown) => void,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  raw.on('error', () => {})
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  })
  const say = (event: string, data: string) => raw.write(`event: ${event}\ndata: ${data}\n\n`)
  try {
    const { body } = await make((value) => say('progress', JSON.stringify(value)))
    say('result', body ?? 'null')
  } catch (error) {
    failed(error)
    say('error', JSON.stringify(problemOf(asPortholeError(error))))
  }
  raw.end()
}
