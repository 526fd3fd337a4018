// A peer in a process of its own, by plain Node as its users run it: called with its name and, for a router, the folder it is
// installed in; tells its port to whoever forked it.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { WebSocketServer } from 'ws'

const [name, folder = '.'] = process.argv.slice(2)
/** Where readers of events connect, and who answers calls. */
const OTHER_END = '/other-end'
const listening = { port: 0, host: '127.0.0.1' }

/** @returns {any} the router's package */
const router = () => createRequire(path.join(path.resolve(folder), 'none.js'))(String(name))
/** @param {any} server that begins to listen */
const tell = (server) => server.once('listening', () => process.send?.({ port: server.address().port }))
process.once('disconnect', () => process.exit())

switch (name) {
  case 'echo': {
    const server = new WebSocketServer({ ...listening, perMessageDeflate: false })
    server.on('connection', (ws) => ws.on('message', (data) => ws.send(data)))
    tell(server)
    break
  }
  case 'hop': {
    const server = new WebSocketServer({ ...listening, perMessageDeflate: false })
    /** @type {import('ws').WebSocket | undefined} */
    let caller
    /** @type {import('ws').WebSocket | undefined} */
    let callee
    server.on('connection', (ws, request) => {
      if (request.url === OTHER_END) {
        callee = ws
        ws.on('message', (data) => caller?.send(data))
      } else {
        caller = ws
        ws.on('message', (data) => callee?.send(data))
      }
    })
    tell(server)
    break
  }
  case 'relay': {
    const server = new WebSocketServer({ ...listening, perMessageDeflate: false })
    /** @type {Set<import('ws').WebSocket>} */
    const readers = new Set()
    server.on('connection', (ws, request) => {
      if (request.url === OTHER_END) {
        readers.add(ws)
        ws.on('close', () => readers.delete(ws))
      } else
        ws.on('message', (data) => {
          for (const reader of readers) reader.send(data)
        })
    })
    tell(server)
    break
  }
  case 'fox-wamp': {
    const FoxRouter = router()
    tell(new FoxRouter().listenWAMP(listening))
    break
  }
  case 'wamp-server': {
    const WampServer = router()
    tell(new WampServer({ port: 0, realms: ['realm1'] }).wss)
    break
  }
  case 'wamp.rt': {
    const Router = router()
    const server = createServer()
    new Router({ server })
    tell(server.listen(listening.port, listening.host))
    break
  }
  default:
    throw new Error(`no peer ${name}`)
}
