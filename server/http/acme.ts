import type { FastifyPluginCallback } from 'fastify'
import { PortholeError } from '../base/errors.ts'

/** Where an authority asks whether a name is ours (RFC 8555 §8.3). */
const CHALLENGES = '/.well-known/acme-challenge/'

/** The text that answers a token, while there is one. */
export type ChallengeText = (token: string) => string | undefined

/** Whether the address asks for an answer that is due: it is Porthole's then, whatever is mounted there. */
export const asksForChallenge = (textOf: ChallengeText, url: string): boolean =>
  url.startsWith(CHALLENGES) && textOf(url.slice(CHALLENGES.length)) !== undefined

export const challengeRoutes =
  (textOf: ChallengeText): FastifyPluginCallback =>
  (app, _options, done) => {
    app.get<{ Params: { token: string } }>(`${CHALLENGES}:token`, { config: { role: 'public' } }, async (request, reply) => {
      const text = textOf(request.params.token)
      if (text === undefined) throw new PortholeError('request.not-found')
      return reply.type('application/octet-stream').header('cache-control', 'no-store').send(text)
    })
    done()
  }
