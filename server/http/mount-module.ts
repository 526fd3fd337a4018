import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import type { WebSocket } from 'ws'
import { isMountable, MOUNT, type Mounted, type ProtocolHost } from '../wamp/websocket/mounted.ts'
import type { Mount } from './mounts.ts'

/** Takes the WebSockets of a module's mount; `request.url` is as the mount sees it. */
export type WebSocketHandler = (socket: WebSocket, request: IncomingMessage) => unknown

/** How a mount's WebSockets are taken: by a handler, or by a class that opens them itself (docs/websockets.md). */
export type MountSockets = WebSocketHandler | Mounted

interface Module {
  readonly default?: FastifyPluginCallback
  readonly webSocket?: WebSocketHandler
}

/** Loads a mount's module and registers its plugin. @returns what takes its WebSockets @throws Error that names the mount */
export async function mountModule(
  app: FastifyInstance,
  { key, prefix }: Mount,
  url: string,
  host: Omit<ProtocolHost, 'name'>,
): Promise<MountSockets | undefined> {
  const { default: plugin, webSocket } = (await import(url)) as Module
  if (typeof plugin !== 'function' && typeof webSocket !== 'function')
    throw new Error(`${key}.module exports neither a Fastify plugin (default) nor a WebSocket handler (webSocket)`)
  if (typeof plugin === 'function') await app.register(plugin, { prefix })
  return typeof webSocket === 'function' ? socketsOf(webSocket, { ...host, name: key }) : undefined
}

/** A class is made for each connection, a function is called. */
function socketsOf(exported: WebSocketHandler, host: ProtocolHost): MountSockets {
  if (isMountable(exported)) {
    try {
      return exported[MOUNT](host)
    } catch (error) {
      throw new Error(`${host.name}.module: webSocket.options: ${(error as Error).message}`, { cause: error })
    }
  }
  const isClass = /^class\b/.test(Function.prototype.toString.call(exported))
  return isClass ? (socket, request) => Reflect.construct(exported, [socket, request]) : exported
}
