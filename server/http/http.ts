import type { ServerHttp2Stream } from 'node:http2'
import fastify, { type FastifyInstance, type FastifyPluginCallback, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { sockets } from '../../shared/contract/index.ts'
import type { CameraAct } from '../../shared/model/access.ts'
import type { Role, Session } from '../../shared/model/session.ts'
import { SESSION_SECONDS } from '../auth/sessions.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Caller, Handlers, SocketHandlers } from '../base/handlers.ts'
import { type Log, loggablePath } from '../base/log.ts'
import { asksForChallenge, type ChallengeText, challengeRoutes } from './acme.ts'
import { ifMatchOf } from './answers.ts'
import { type ClientOptions, mountClient } from './client.ts'
import { isGone } from './gone.ts'
import { Guard, type GuardOptions } from './guard.ts'
import { type HeaderOptions, setHeaders } from './headers.ts'
import { type Admission, sessionCookie, type Visitor } from './identity.ts'
import { mountAll } from './mount-proxy.ts'
import { findMount, innerPath, type Mount } from './mounts.ts'
import type { Once } from './once.ts'
import type { PeerRequest } from './peers.ts'
import { sendProblem, toPortholeError } from './problem.ts'
import { publicPath, withoutPublicPath } from './public-path.ts'
import { MAX_BODY_BYTES, mountContract } from './routes.ts'
import { CHECK_MS, InjectedServers } from './server.ts'
import { type UpgradeOptions, Upgrades } from './upgrades.ts'

/** Milliseconds for a request's headers, and for the whole request, unless told. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 10_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask; a route without one cannot be registered. */
    role?: Role
    /** What it does to the camera of its address; a route with a camera and without this cannot be registered. */
    camera?: CameraAct
    /** Answers at once: the leave is asked for again when its body came, and what it changes does not cut its own answer. */
    brief?: boolean
  }
  interface FastifyRequest {
    visitor: Visitor | undefined
    leave: { readonly holds: () => boolean; readonly giveBack: () => void } | undefined
    readonly session: Session | undefined
  }
}

export interface HttpOptions extends GuardOptions, HeaderOptions, ClientOptions {
  /** Places of the address space that others serve. */
  readonly mounts: readonly Mount[]
  readonly clock: Clock
  readonly log: Log
  readonly admission: Admission
  readonly handlers: Handlers
  /** Remembers what was answered to creates. */
  readonly once: Once
  readonly sockets: SocketHandlers
  readonly wamp: UpgradeOptions['wamp']
  /** Routes of features whose bodies are no JSON. Each declares `config.role`. */
  readonly plugins: readonly FastifyPluginCallback[]
  readonly metrics: Registry
  /** Answers to an authority that gives the server's certificate. */
  readonly challengeText?: ChallengeText | undefined
  /** Milliseconds for a request's headers, and for all of it. */
  readonly headersMs?: number | undefined
  readonly requestMs?: number | undefined
  readonly ready: () => boolean
}

/** A route and what it declares. */
export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly role: Role
  readonly camera: CameraAct | undefined
  /** Whether other sites may show it. */
  readonly embed: boolean
}

export interface Http {
  readonly app: FastifyInstance
  readonly routes: readonly DeclaredRoute[]
  readonly upgrades: Upgrades
  /** Take sockets that the door accepted. */
  readonly servers: InjectedServers
}

/** The HTTP half of the port: one Fastify app, its routes from the contract, its guards before everything. */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const {
    log,
    admission,
    publicUrl,
    peers,
    mounts,
    challengeText,
    headersMs = HEADERS_TIMEOUT_MS,
    requestMs = REQUEST_TIMEOUT_MS,
  } = options
  const guard = new Guard(options)
  const addressOf = (request: PeerRequest) => peers.address(request)
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    rewriteUrl: (request) => {
      const { url = '/' } = request
      if (challengeText && asksForChallenge(challengeText, url)) return url
      return mountedUrl(mounts, peers.host(request as PeerRequest) ?? '', withoutPublicPath(publicUrl, url))
    },
    // What fails before there is a route: an address that cannot be decoded.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply as never, toPortholeError(error)),
    http: { headersTimeout: headersMs, connectionsCheckingInterval: CHECK_MS },
  })
  const routes: DeclaredRoute[] = []
  app.decorateRequest('visitor', undefined)
  app.decorateRequest('leave', undefined)
  app.decorateRequest('session', {
    getter(this: FastifyRequest) {
      return this.visitor && admission.sessionOf(this.visitor)
    },
  })
  app.addHook('onRoute', (route) => {
    // A module's routes know no roles: theirs is the mount's.
    const mount = mountOf(mounts, route.url)
    if (mount && !route.config?.role) route.config = { ...route.config, role: mount.role }
    if (!route.config?.role) throw new Error(`route ${route.method} ${route.url} declares no role`)
    if (cameraParameter(route.url) && !mount && !route.config.camera && !route.url.startsWith('/ws/'))
      throw new Error(`route ${route.method} ${route.url} does not say what it does to the camera`)
    for (const method of [route.method].flat())
      routes.push({ method, url: route.url, role: route.config.role, camera: route.config.camera, embed: route.config.embed === true })
  })
  app.addHook('onRequest', async (request, reply) => {
    const mount = mountOf(mounts, request.url)
    setHeaders(request, reply, options, mount !== undefined)
    guard.check(request.raw, false)
    const { role = 'public', camera: act } = request.routeOptions.config
    const visitor = await admission.visitor(request.raw, request.originalUrl, authorizationOf(request, mount))
    request.visitor = visitor
    const hasRole = admission.checkRole(visitor, role, act)
    if (role === 'public') return
    const may = act && (await admission.checkCamera(visitor, act, cameraOf(request)))
    // Gone while it was asked who they are: nobody would close what is opened now.
    if (isGone(reply)) return reply.hijack()
    // Pictures, uploads and what others serve go on for long, and so may a body.
    const holds = () => hasRole() && (may?.() ?? true)
    const giveBack = admission.lease(visitor, holds, () => cut(reply))
    reply.raw.once('close', giveBack)
    request.leave = { holds, giveBack }
  })
  app.addHook('preHandler', async ({ leave, routeOptions }) => {
    if (!leave || !routeOptions.config.brief) return
    if (!leave.holds()) throw new PortholeError('auth.revoked')
    leave.giveBack()
  })
  const failed = (thrown: unknown, request: FastifyRequest): PortholeError => {
    const error = toPortholeError(thrown)
    if (error.code === 'server.internal')
      log.error({ err: thrown, path: loggablePath(withoutPublicPath(publicUrl, request.originalUrl)) }, 'request failed')
    admission.refused(request.raw, request.visitor, error)
    return error
  }
  app.setErrorHandler((thrown, request, reply) => {
    const error = failed(thrown, request)
    const challenges = admission.challenges(request.raw, error)
    if (challenges.length > 0) reply.header('www-authenticate', challenges)
    return sendProblem(reply, error)
  })
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, new PortholeError('request.not-found')))

  const callerOf = (request: FastifyRequest, reply: FastifyReply): Caller => ({
    avatar: (request.visitor as Visitor).avatar,
    session: request.session,
    via: request.visitor?.identity?.via,
    address: addressOf(request.raw),
    asked: peers.asked(request.raw),
    agent: request.headers['user-agent'],
    ifMatch: ifMatchOf(request),
    keepSession: (token) => {
      const secure = peers.isSecure(request.raw) || publicUrl?.protocol === 'https:'
      reply.header('set-cookie', sessionCookie(token ?? '', token ? SESSION_SECONDS : 0, secure))
    },
  })

  mountContract(app, { handlers: options.handlers, callerOf, once: options.once, failed, basePath: publicPath(publicUrl) })
  for (const plugin of options.plugins) app.register(plugin)
  if (challengeText) app.register(challengeRoutes(challengeText))
  for (const { path } of Object.values(sockets))
    app.get(path, { config: { role: 'public' } }, () => {
      throw new PortholeError('upgrade.required')
    })
  const mountHandlers = await mountAll(app, mounts, peers, options.clock, log)
  mountOperators(app, options)
  mountClient(app, options)
  const upgrades = new Upgrades({
    guard,
    peers,
    mounts,
    mountHandlers,
    addressed: (url) => withoutPublicPath(publicUrl, url),
    admission,
    handlers: options.sockets,
    wamp: options.wamp,
    clock: options.clock,
    log,
    addressOf,
  })
  upgrades.attach(app.server)
  await app.ready()
  return { app, routes, upgrades, servers: new InjectedServers(app, requestMs) }
}

/** Where the app's routes of a request stand: a mount's, behind its prefix, or Porthole's own. */
function mountedUrl(mounts: readonly Mount[], host: string, url: string): string {
  const mount = findMount(mounts, host, url)
  return mount ? mount.prefix + innerPath(mount, url) : url
}

/** The Authorization header, unless it is for a mounted server. */
const authorizationOf = ({ headers }: FastifyRequest, mount: Mount | undefined): string | undefined =>
  mount?.role === 'public' ? undefined : headers.authorization

/** The mount behind whose prefix an address of the app stands. */
const mountOf = (mounts: readonly Mount[], url: string): Mount | undefined =>
  mounts.find(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`))

/** The parameter of a route that names a camera. */
const cameraParameter = (url: string): string | undefined => /\/:(camera)\b/.exec(url)?.[1] ?? /\/cameras\/:(id)\b/.exec(url)?.[1]

/** The camera that a request's address names. */
const cameraOf = ({ routeOptions, params }: FastifyRequest): string =>
  (params as Record<string, string>)[cameraParameter(routeOptions.url ?? '') as string] as string

/** Breaks an answer off in the middle: its leave is gone. */
function cut({ raw }: FastifyReply): void {
  if ('stream' in raw) (raw.stream as ServerHttp2Stream).close()
  else raw.destroy()
}

/** Health, readiness, metrics. */
function mountOperators(app: FastifyInstance, { metrics, ready, peers, admission }: HttpOptions): void {
  // Of another scheme too: by it a page over http finds out whether its browser trusts this server's certificate.
  app.get('/healthz', { config: { role: 'public' } }, async (_request, reply) => {
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return { status: 'ok' }
  })
  app.get('/readyz', { config: { role: 'public' } }, async (_request, reply) => {
    if (ready()) return { status: 'ready' }
    return reply.code(503).send({ status: 'starting' })
  })
  app.get('/metrics', { config: { role: 'public' } }, async (request, reply) => {
    if (!peers.isLoopback(request.raw)) admission.checkRole(request.visitor as Visitor, 'owner')
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
