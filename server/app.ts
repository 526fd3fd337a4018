import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Camera } from '../shared/model/camera.ts'
import { sessionHandlers } from './auth/handlers.ts'
import { Sessions, SignInLink } from './auth/sessions.ts'
import { SignIn } from './auth/signin.ts'
import { OWNER, Users } from './auth/users.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { PortholeError } from './base/errors.ts'
import { Lifecycle } from './base/lifecycle.ts'
import type { Log } from './base/log.ts'
import type { MessageSocket } from './base/socket.ts'
import { Bus } from './bus/bus.ts'
import { Cameras } from './camera/cameras.ts'
import { CameraFeed } from './camera/feed.ts'
import { cameraHandlers } from './camera/handlers.ts'
import { type Config, ConfigError, isLoopbackHost } from './config/config.ts'
import { echo } from './http/echo.ts'
import { createHttp } from './http/http.ts'
import { DemoSource } from './ingest/demo.ts'
import { PublisherSession } from './ingest/publisher.ts'
import { Live } from './live/live.ts'
import { liveRoutes } from './live/routes.ts'
import { openDatabase } from './store/database.ts'

/** Milliseconds between two looks at how late the event loop is; a hundred a second, the default, cost an idle server most of its time. */
const EVENT_LOOP_LOOK_MS = 100

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
  /** Path and fragment that sign the owner in once, while the owner has no password. */
  readonly signInPath: string | undefined
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
  const database = await openDatabase(config.data)
  lifecycle.add('database', () => database.destroy())

  const users = new Users(database)
  await users.ensureOwner(config.ownerPassword)
  const hasPassword = await users.hasPassword(OWNER)
  const beyondLoopback = !isLoopbackHost(config.host)
  if (beyondLoopback && !hasPassword)
    throw new ConfigError(
      `${config.lan ? '--lan' : `--host ${config.host}`} is refused without an owner password: set PORTHOLE_OWNER_PASSWORD once, or start without it, sign in and set one`,
    )
  const sessions = new Sessions(database, users, clock)
  const link = new SignInLink(clock)
  const signIn = new SignIn({ users, sessions, link, clock, log })

  const bus = new Bus(clock)
  const cameras = await Cameras.load({
    database,
    bus,
    clock,
    log,
    runSource: (source, channel) => (source.kind === 'demo' && config.demo ? new DemoSource({ channel, clock, log }) : undefined),
  })
  lifecycle.add('cameras', () => cameras.close())
  lifecycle.add('bus', () => bus.closeAll(new PortholeError('server.closing')))
  if (config.demo) await ensureDemo(cameras, log)
  const feed = new CameraFeed(cameras, bus, clock)
  const live = new Live({ bus, clock, log, metrics, nameOf: (camera) => cameras.find(camera)?.name ?? camera })

  let ready = false
  const http = await createHttp({
    publicUrl: config.publicUrl,
    lan: beyondLoopback,
    clock,
    log,
    sessions,
    metrics,
    ready: () => ready,
    expectViewer: (camera) => bus.find(camera)?.expect('full'),
    clientDirectory: fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/client/' : '../client/', import.meta.url)),
    handlers: { ...cameraHandlers(cameras), ...sessionHandlers(signIn, sessions) },
    plugins: [liveRoutes(bus, clock, (camera) => cameras.get(camera))],
    sockets: {
      echo,
      events: (socket) => feed.open(socket),
      live: (socket, { camera = '' }) => reach(cameras, camera, socket, () => live.open(camera, socket)),
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
  lifecycle.add('http', () => http.app.close())
  lifecycle.add('sockets', () => http.upgrades.close())
  lifecycle.add('viewers', () => {
    const closing = new PortholeError('server.closing')
    live.close(closing)
    feed.close(closing)
  })

  await http.app.listen({ host: config.host, port: config.port })
  ready = true
  lifecycle.add('readiness', () => {
    ready = false
  })
  const address = http.app.server.address() as AddressInfo
  log.info({ host: address.address, port: address.port }, 'listening')
  return {
    url:
      config.publicUrl?.origin ??
      `http://${beyondLoopback ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host}:${address.port}`,
    address,
    signInPath: hasPassword ? undefined : `/#signin=${link.issue()}`,
    close: () => lifecycle.close(),
  }
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

/** Hands a socket on when its camera exists; else says whether it is unknown or was deleted. */
function reach(cameras: Cameras, id: string, socket: MessageSocket, open: (camera: Camera) => void): void {
  const camera = cameras.find(id)
  if (camera) return open(camera)
  cameras.get(id).then(open, (error) => socket.close(error instanceof PortholeError ? error : new PortholeError('server.internal')))
}
