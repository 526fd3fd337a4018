import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** Called with the way: `ws`, `raw`, or `raw+read`, which reads what viewers send; tells its port to whoever forked it. */
const way = process.argv[2]

const publishers = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const viewers = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const sockets = new Set<WebSocket>()
const raws = new Set<Duplex>()

/** The frame's WebSocket message, written once: RFC 6455 §5.2, final, binary, 16 bits of length. */
function wireOf(frame: Buffer): Buffer {
  const wire = Buffer.allocUnsafe(4 + frame.byteLength)
  wire[0] = 0x82
  wire[1] = 126
  wire.writeUInt16BE(frame.byteLength, 2)
  frame.copy(wire, 4)
  return wire
}

const server = createServer()
server.on('upgrade', (request, socket, head) => {
  if (request.url?.startsWith('/ws/publish/'))
    return publishers.handleUpgrade(request, socket, head, (ws) => {
      ws.on('message', (frame: Buffer, binary) => {
        if (!binary) return
        if (way === 'ws') for (const viewer of sockets) viewer.send(frame)
        else {
          const wire = wireOf(frame)
          for (const viewer of raws) viewer.write(wire)
        }
      })
    })
  if (way === 'ws') return viewers.handleUpgrade(request, socket, head, (ws) => sockets.add(ws))
  socket.on('error', () => {})
  // Else nothing is read from it, and nothing spent on that.
  if (way === 'raw+read') socket.on('data', () => {})
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  raws.add(socket)
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.once('disconnect', () => process.exit())
