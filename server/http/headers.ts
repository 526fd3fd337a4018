import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Peers } from './peers.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Other sites may show it: in a frame, as a picture. Nothing else may be. */
    embed?: boolean
    /** A file of the built client: pages and workers bring their policy themselves. */
    asset?: boolean
  }
}

/** Seconds that a browser asks a name over https alone (RFC 6797 §6.1.1): a year. */
const HSTS_SECONDS = 365 * 86_400

/** What is no page runs nothing and loads nothing, should a browser be led to show it as one (CSP Level 3 §6). */
const INERT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
const INERT_EMBED = "default-src 'none'; frame-ancestors *; base-uri 'none'; form-action 'none'"

export interface HeaderOptions {
  readonly peers: Peers
  /** The public name whose certificate browsers trust; never an address, and never one of the local authority. */
  readonly hstsHost: string | undefined
}

/** The headers of every answer; routes that bring a policy of their own replace it. @param mounted others serve it: their policy is theirs */
export function setHeaders(request: FastifyRequest, reply: FastifyReply, { peers, hstsHost }: HeaderOptions, mounted: boolean): void {
  const { embed = false, asset = false } = request.routeOptions.config
  reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
  if (hstsHost !== undefined && peers.isSecure(request.raw) && peers.host(request.raw) === hstsHost)
    reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`)
  if (mounted) return
  reply.header('cross-origin-resource-policy', embed ? 'cross-origin' : 'same-origin')
  if (!asset) reply.header('content-security-policy', embed ? INERT_EMBED : INERT)
}
