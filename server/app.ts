import { randomBytes, X509Certificate } from 'node:crypto'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Camera } from '../shared/model/camera.ts'
import { allows } from '../shared/model/session.ts'
import { OWNER } from './auth/users.ts'
import { bareHost, isLoopbackHost } from './base/address.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { ConfigError, PortholeError } from './base/errors.ts'
import { Lifecycle } from './base/lifecycle.ts'
import { Links } from './base/links.ts'
import type { Log } from './base/log.ts'
import { machineNames } from './base/names.ts'
import { networkList } from './base/networks.ts'
import type { MessageSocket } from './base/socket.ts'
import type { Cameras } from './camera/cameras.ts'
import type { Config } from './config/config.ts'
import { openCore } from './core.ts'
import { Acme } from './door/acme.ts'
import { plain } from './door/connection.ts'
import { Door } from './door/door.ts'
import { PROTOCOLS } from './door/protocols.ts'
import type { Rule } from './door/rules.ts'
import { certificateFiles, localSource, Secure } from './door/secure.ts'
import { buildServices } from './door/services.ts'
import { echo } from './http/echo.ts'
import { eventStream } from './http/feed/sse.ts'
import { createHttp, type DeclaredRoute } from './http/http.ts'
import { Admission, digestHashesOf, type Visitor } from './http/identity.ts'
import { buildMounts } from './http/mounts.ts'
import { Peers } from './http/peers.ts'
import { publicPath, withoutPublicPath } from './http/public-path.ts'
import { referenceRoutes } from './http/reference.ts'
import { trustRoutes } from './http/trust.ts'
import { DemoSource } from './ingest/demo.ts'
import { PublisherSession } from './ingest/publisher.ts'
import { Uploads } from './ingest/upload.ts'
import { Live } from './live/live.ts'
import { snapshot } from './live/pictures.ts'
import { liveRoutes } from './live/routes.ts'
import { PreviewMaker } from './media/preview.ts'
import { shareSocket } from './share/entry.ts'
import { SharePages } from './share/pages.ts'
import { Previews } from './share/previews.ts'
import { shareRoutes } from './share/routes.ts'
import { IN_MEMORY } from './store/database.ts'
import { Wamp } from './wamp/wamp.ts'

/** Milliseconds between two looks at how late the event loop is; a hundred a second, the default, cost an idle server most of its time. */
const EVENT_LOOP_LOOK_MS = 100

/** Milliseconds that HTTP/2 requests may go on when the server closes. */
const HTTP2_CLOSE_MS = 1000

/** Milliseconds that a preview waits for the publisher to make a picture. */
const PREVIEW_SNAPSHOT_MS = 6000

/** The demo camera's id and name. */
const DEMO = { id: 'azalea', name: 'Azalea' } as const

export interface AppOptions {
  readonly config: Config
  readonly log: Log
  readonly clock?: Clock
}

/** A running server. */
export interface App {
  /** Where it listens, as a browser would say it. */
  readonly url: string
  readonly address: AddressInfo
  /** Where other machines reach it over http; https is on the same port. Empty on loopback. */
  readonly lan: readonly string[]
  /** SHA-256 fingerprint of the local authority; undefined with a certificate of the operator's, and on loopback. */
  readonly fingerprint: string | undefined
  /** Path and fragment that sign the owner in once, while the owner has no password. */
  readonly signInPath: string | undefined
  /** Every route of the port and what it declares. */
  readonly routes: readonly DeclaredRoute[]
  close(): Promise<void>
}

/**
 * Starts everything, in order; closing goes in reverse.
 * @throws ConfigError when the settings do not fit the data; else what failed, with all that was started closed again
 */
export async function startApp({ config, log, clock = systemClock }: AppOptions): Promise<App> {
  const lifecycle = new Lifecycle(log)
  try {
    return await start(config, log, clock, lifecycle)
  } catch (error) {
    await lifecycle.close()
    throw error
  }
}

async function start(config: Config, log: Log, clock: Clock, lifecycle: Lifecycle): Promise<App> {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS })
  const uploads = new Uploads(clock, log)
  let here: Pick<App, 'lan'> & { readonly local: string } = { local: '', lan: [] }
  const links = new Links({ publicUrl: config.publicUrl, here: () => here })
  const core = await openCore(
    {
      data: config.data,
      auth: config.file.auth,
      webhooks: config.file.webhooks,
      hasProxies: config.trustProxy !== undefined,
      ownerPassword: config.ownerPassword,
      runSource: ({ kind }, channel) => {
        if (kind === 'upload') return uploads.open(channel)
        return kind === 'demo' && config.demo ? new DemoSource({ channel, clock, log }) : undefined
      },
      links,
      demo: config.demo,
      log,
      clock,
    },
    lifecycle,
  )
  const { users, checkers, usersChecker, secrets, realm, leases, audit, link, bus, cameras, events, feed, once, shares, visits, stages } =
    core
  const { handlers } = core
  const hasPassword = users.canOwnersSignIn()
  const beyondLoopback = !isLoopbackHost(config.host)
  if (beyondLoopback && !hasPassword)
    throw new ConfigError(
      `${config.lan ? '--lan' : `--host ${config.host}`} is refused without an owner password: set PORTHOLE_OWNER_PASSWORD once, or start without it, sign in and set one`,
    )
  if (config.demo) await ensureDemo(cameras, log)
  const live = new Live({ bus, clock, log, metrics, nameOf: (camera) => cameras.find(camera)?.name ?? camera })

  const enterShare = shareSocket({
    shares,
    visits,
    clock,
    log,
    nameOf: (camera) => cameras.find(camera)?.name,
    watch: (camera, socket, may) => live.open(camera, socket, may),
  })

  const findCamera = (id: string) => cameras.find(id)
  const sharePages = new SharePages({ shares, links, find: findCamera, now: () => clock.date() })
  const previewMaker = new PreviewMaker({ clock, log })
  lifecycle.add('previews', () => previewMaker.close())
  const previews = new Previews({
    clock,
    snapshot: async (camera) => snapshot(bus.channel(camera), clock, AbortSignal.timeout(PREVIEW_SNAPSHOT_MS)),
    resize: (jpeg) => previewMaker.make(jpeg),
  })

  const tlsFolder = config.data === IN_MEMORY ? undefined : join(config.data, 'tls')
  const local = localSource(tlsFolder, () => namesOf(config), clock, log)
  const acme = config.acme && new Acme({ account: config.acme, folder: tlsFolder && join(tlsFolder, 'acme'), meanwhile: local, clock, log })
  await acme?.load()
  const mounts = buildMounts(config.file.mounts, publicPath(config.publicUrl))
  const peers = new Peers(config.trustProxy)
  const owners = { ownerOf: (camera: string) => cameras.ownerOf(camera), ownerNow: (camera: string) => cameras.find(camera)?.owner }
  const wamp = new Wamp({
    options: config.file.wamp,
    checkers,
    realm,
    secrets,
    leases,
    decoy: core.decoy,
    contract: {
      handlers,
      sessionOf: (user) => users.find(user),
      owners,
      events,
      picture: async (camera, signal) => {
        await cameras.get(camera)
        const { payload, time } = await snapshot(bus.channel(camera), clock, signal)
        return { jpeg: payload, time }
      },
    },
    metrics,
    clock,
    log,
    random: Math.random,
    randomBytes,
    behindProxy: (config.publicUrl ?? config.trustProxy ?? config.file.door.proxyProtocolFrom) !== undefined,
  })
  let ready = false
  const http = await createHttp({
    publicUrl: config.publicUrl,
    peers,
    hstsHost: hstsHostOf(config),
    lan: beyondLoopback,
    headersMs: config.file.http.headersTimeoutMs,
    requestMs: config.file.http.requestTimeoutMs,
    clock,
    log,
    admission: new Admission({
      checkers,
      realm,
      nonces: usersChecker.nonces,
      digestHashes: checkers.verifies('digest') ? digestHashesOf(config.file.auth.digestMd5 === true) : [],
      sessionOf: (user) => users.find(user),
      ...owners,
      leases,
      audit,
      peers,
      addressed: (url) => withoutPublicPath(config.publicUrl, url),
    }),
    metrics,
    ready: () => ready,
    expectViewer: (id, avatar) => {
      const camera = cameras.find(id)
      if (camera && avatar.may('watch', camera)) bus.find(id)?.expect('full')
    },
    pages: { portal: (visit) => sharePages.portal(visit), frame: (visit) => sharePages.frame(visit) },
    clientDirectory: fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/client/' : '../client/', import.meta.url)),
    handlers,
    once,
    // With a public address a proxy may be what speaks https; not so when this port has the name's certificate.
    leadToHttps: !config.publicUrl || (config.publicUrl.protocol === 'https:' && (config.tls ?? config.acme) !== undefined),
    mounts,
    hosts: [...mounts.flatMap(({ host }) => host ?? []), ...(config.acme?.names ?? [])],
    challengeText: acme?.challenges.textOf,
    plugins: [
      liveRoutes(bus, clock, (camera) => cameras.get(camera)),
      uploads.routes((camera) => cameras.get(camera)),
      shareRoutes({
        shares,
        previews,
        links,
        find: findCamera,
        addressOf: (request) => peers.address(request),
        askedOf: (request) => peers.asked(request),
      }),
      eventStream({ feed, clock, avatarOf: (request) => (request.visitor as Visitor).avatar }),
      referenceRoutes({ publicUrl: config.publicUrl, askedOf: (request) => peers.asked(request) }),
      trustRoutes({ authority: () => secure.authority() }),
    ],
    wamp: (socket, peer) => wamp.acceptWebSocket(socket, peer),
    sockets: {
      echo,
      events: (socket, wish, { avatar }) => feed.openSocket(socket, avatar, wish),
      tunnel: (socket, { service = '' }, { avatar }) => {
        const tunnel = services.tunnels.get(service)
        if (!tunnel) throw new PortholeError('service.unknown')
        if (!allows(avatar.role, tunnel.role)) throw new PortholeError('auth.role')
        tunnel.open(socket.stream(), () => socket.close(new PortholeError('service.unreachable')))
      },
      stage: (socket, { stage = '' }, caller) => stages.show(socket, stage, caller),
      join: (socket, { code = '' }, { address = '' }) => stages.knock(socket, code, address),
      live: (socket, { camera = '' }) => reach(cameras, camera, socket, () => live.open(camera, socket)),
      share: (socket, { token = '' }, { address = '', origin }) => enterShare(socket, { token, address, origin }),
      publish: (socket, { camera = '' }) =>
        reach(cameras, camera, socket, ({ source }) => {
          if (source.kind !== 'browser') throw new PortholeError('camera.source')
          new PublisherSession({ socket, channel: bus.channel(camera), clock, log })
        }),
    },
  })
  new Gauge({
    name: 'porthole_sockets',
    help: 'Open WebSockets',
    registers: [metrics],
    collect() {
      this.set(http.upgrades.size)
    },
  })
  let door: Door | undefined
  lifecycle.add('connections', () => door?.close())
  lifecycle.add('http', () => http.app.close())
  lifecycle.add('http2', () => http.servers.close(HTTP2_CLOSE_MS))
  lifecycle.add('sockets', () => http.upgrades.close())
  lifecycle.add('viewers', () => {
    const closing = new PortholeError('server.closing')
    live.close(closing)
    feed.close(closing)
    stages.close(closing)
  })
  lifecycle.add('wamp', () => wamp.close())

  const services = buildServices(config.file.services, log)
  const secure = new Secure({
    source: config.tls ? certificateFiles(config.tls.cert, config.tls.key) : (acme?.source ?? local),
    onPlaintext: (socket) => door?.dispatch(socket, insideTls),
    clock,
    log,
  })
  lifecycle.add('tls', () => secure.close())
  const httpRules: Rule<(socket: Socket) => void>[] = [
    { name: 'http2', test: PROTOCOLS.http2, service: http.servers.acceptHttp2 },
    { name: 'rawSocket', test: PROTOCOLS.rawSocket, service: (socket) => wamp.acceptRawSocket(socket, rawPeer(socket)) },
    { name: 'http1', test: PROTOCOLS.http1, service: http.servers.acceptHttp1, eager: true },
  ]
  const insideTls = [...services.insideTls, ...httpRules]
  const { proxyProtocolFrom, ...limits } = config.file.door
  door = new Door({
    rules: [
      ...(acme ? [acme.challenges.rule] : []),
      ...services.plain,
      { name: 'tls', test: PROTOCOLS.tls, service: secure.service },
      ...httpRules,
    ],
    silent: services.silent,
    proxies: proxyProtocolFrom && networkList(proxyProtocolFrom),
    ...limits,
    clock,
    log,
  })
  // Beyond loopback phones come: they shall not wait for a certificate to be made. A wrong file is told at once.
  if (beyondLoopback || config.tls) await secure.start().catch((error) => rejectCertificate(config, error))

  const authority = beyondLoopback ? await secure.authority() : undefined

  const address = await door.listen(config.host, config.port)
  lifecycle.add('door', () => door?.stop())
  here = {
    local: `http://${beyondLoopback ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host}:${address.port}`,
    lan: beyondLoopback ? lanHosts(config.host).map((host) => `http://${host}:${address.port}`) : [],
  }
  acme?.start()
  core.deliverer.start()
  lifecycle.add('acme', () => acme?.close())
  ready = true
  lifecycle.add('readiness', () => {
    ready = false
  })
  log.info({ host: address.address, port: address.port }, 'listening')
  return {
    url: config.publicUrl?.href.replace(/\/$/, '') ?? here.local,
    address,
    lan: here.lan,
    fingerprint: authority && new X509Certificate(authority).fingerprint256,
    signInPath: hasPassword ? undefined : `/#signin=${link.issue()}`,
    routes: http.routes,
    close: () => lifecycle.close(),
  }
}

/** Addresses that other machines reach: the one to listen on, or all IPv4 addresses of the machine. */
const lanHosts = (host: string): string[] =>
  isIP(host) && host !== '0.0.0.0' && host !== '::'
    ? [host.includes(':') ? `[${host}]` : host]
    : machineNames().filter((name) => isIP(name) === 4 && name !== '127.0.0.1')

/** The public name, when its certificate is one that browsers trust: of the operator, of an authority, of a proxy. */
function hstsHostOf({ publicUrl, tls, acme, trustProxy }: Config): string | undefined {
  if (publicUrl?.protocol !== 'https:' || isIP(bareHost(publicUrl)) || publicUrl.hostname === 'localhost') return undefined
  return tls || acme || trustProxy ? publicUrl.host : undefined
}

/** What the server's certificate must be valid for. */
const namesOf = ({ publicUrl, acme }: Config): string[] => {
  const host = publicUrl ? bareHost(publicUrl) : []
  return [...new Set([host, acme?.names ?? [], machineNames()].flat())]
}

function rejectCertificate({ tls }: Config, error: Error): never {
  if (!tls) throw error
  throw new ConfigError(`--tls-cert ${tls.cert} and --tls-key ${tls.key} make no certificate: ${error.message}`)
}

/** The demo camera is made once; who deleted it does not get it back. */
async function ensureDemo(cameras: Cameras, log: Log): Promise<void> {
  if (cameras.find(DEMO.id)) return
  try {
    await cameras.create({ ...DEMO, source: { kind: 'demo' } }, OWNER)
  } catch (error) {
    if (!(error instanceof PortholeError) || error.code !== 'camera.exists') throw error
    log.info({ camera: DEMO.id }, 'the demo camera was deleted and stays so')
  }
}

/** A connection that is no HTTP: no header says who stands between. */
const rawPeer = ({ remoteAddress = '', localAddress = '' }: Socket) => {
  const [far, near] = [remoteAddress, localAddress].map(plain) as [string, string]
  return { address: far || 'unknown', isLoopback: isLoopbackHost(far) && isLoopbackHost(near) }
}

/** Hands a socket on when its camera exists; else says whether it is unknown or was deleted. */
function reach(cameras: Cameras, id: string, socket: MessageSocket, open: (camera: Camera) => void): void {
  const camera = cameras.find(id)
  if (camera) return open(camera)
  cameras.get(id).then(open, (error) => socket.close(error instanceof PortholeError ? error : new PortholeError('server.internal')))
}
