import { isIPv6, type Socket } from 'node:net'
import { dial } from '../../base/dial.ts'
import { ProxyError, ProxyResponse } from './proxy-response.ts'

/** An HTTP proxy that makes tunnels (CONNECT). */
export interface ProxyOptions {
  readonly host: string
  readonly port: number
  /** Speaks TLS to the proxy itself, its certificate verified. */
  readonly secure?: boolean
  /** `Proxy-Authorization`, such as `Basic dXNlcjpwYXNz`. */
  readonly authorization?: string
}

/**
 * A connection through a proxy to a host and port: bytes pass as they are from here on. It comes paused.
 * @throws ProxyError; the signal's reason when it aborts
 */
export async function connectProxy(proxy: ProxyOptions, host: string, port: number, signal?: AbortSignal): Promise<Socket> {
  const { authorization, secure = false } = proxy
  if (authorization !== undefined && /[\0\r\n]/.test(authorization)) throw new TypeError('proxy.authorization has a line break')
  signal?.throwIfAborted()
  const to = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  const socket = dial({ kind: secure ? 'tls' : 'tcp', host: proxy.host, port: proxy.port })
  const abort = () => socket.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n${authorization ? `Proxy-Authorization: ${authorization}\r\n` : ''}\r\n`)
    const rest = await answered(socket)
    if (rest.length > 0) socket.unshift(rest)
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Reads the proxy's answer. @returns the bytes behind it; the socket is paused and without listeners */
function answered(socket: Socket): Promise<Buffer> {
  const response = new ProxyResponse()
  return new Promise<Buffer>((resolve, reject) => {
    const settle = (result: Buffer | Error) => {
      socket.off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd)
      socket.pause()
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    const onData = (chunk: Buffer) => {
      try {
        const rest = response.push(chunk)
        if (rest) settle(rest)
      } catch (error) {
        settle(error as Error)
      }
    }
    const onError = (cause: Error) => settle(new ProxyError('unreachable', `the proxy is not reached: ${cause.message}`, { cause }))
    const onEnd = () => settle(new ProxyError('ended', 'the proxy ended the connection before it answered'))
    socket.on('data', onData).on('error', onError).on('end', onEnd).on('close', onEnd)
  })
}
