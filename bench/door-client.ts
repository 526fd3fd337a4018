import { connect, createServer, type Socket } from 'node:net'

/** What the benchmark says to this process, and what it answers. */
export interface Job {
  readonly what: 'requests' | 'connections' | 'splice requests' | 'splice connections' | 'splice bytes down' | 'splice bytes up'
  readonly port: number
  readonly seconds: number
}
export interface Done {
  /** Requests, connections or bytes. */
  readonly count: number
  readonly took: number
  readonly errors: number
}

/** Connections at once. */
const ABREAST = 16
const ABREAST_BYTES = 4

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
const LAST_REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
const BANNER = Buffer.from('SSH-2.0-bench\r\n')
const ONCE = Buffer.from('SSH-2.0-once\r\n')
const PING = Buffer.alloc(64, 1)
const BULK = Buffer.alloc(256 * 1024, 2)

/**
 * The other end of a splice: pours to who says `bulk`, counts what comes from who says `sink`, answers all others with what they
 * say, and ends then with who says `once`. (Who ends first keeps the port for a minute: were it the side that dials, the kernel's
 * search for a free one would be all that is measured.)
 */
const upstream = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  let first = true
  let sink = false
  socket.on('data', (chunk) => {
    if (first) sink = chunk.includes('sink')
    if (sink) count += running ? chunk.length : 0
    else if (first && chunk.includes('bulk')) pour(socket)
    else if (first && chunk.includes('once')) socket.end(chunk)
    else socket.write(chunk)
    first = false
  })
})
upstream.listen(0, '127.0.0.1', () => process.send?.({ upstream: (upstream.address() as { port: number }).port }))

function pour(socket: Socket): void {
  const more = () => {
    while (!socket.destroyed && socket.write(BULK));
  }
  socket.on('drain', more)
  more()
}

let count = 0
let errors = 0
let running = false

const dial = (port: number): Socket => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  socket.on('error', () => {
    errors++
  })
  return socket
}

/** One request after the other on a connection that stays. */
function requests(port: number, request: Buffer): void {
  const socket = dial(port)
  sockets.push(socket)
  socket.on('connect', () => socket.write(request))
  socket.on('data', () => {
    if (!running) return
    count++
    socket.write(request)
  })
}

/** A connection for each request, one after the other. */
function connections(port: number, request: Buffer): void {
  if (!running) return
  const socket = dial(port)
  socket.on('connect', () => socket.write(request))
  socket.resume()
  socket.on('end', () => socket.end())
  socket.on('close', (failed) => {
    if (!failed && running) count++
    connections(port, request)
  })
}

function bytes(port: number, up: boolean): void {
  const socket = dial(port)
  sockets.push(socket)
  socket.on('connect', () => {
    socket.write(up ? 'SSH-sink\r\n' : 'SSH-bulk\r\n')
    if (up) pour(socket)
  })
  socket.on('data', (chunk) => {
    if (running) count += chunk.length
  })
}

const sockets: Socket[] = []

process.on('message', ({ what, port, seconds }: Job) => {
  count = 0
  errors = 0
  running = true
  const each = what.startsWith('splice bytes') ? ABREAST_BYTES : ABREAST
  for (let i = 0; i < each; i++) {
    if (what === 'requests') requests(port, REQUEST)
    else if (what === 'connections') connections(port, LAST_REQUEST)
    else if (what === 'splice requests') requests(port, Buffer.concat([BANNER, PING]))
    else if (what === 'splice connections') connections(port, ONCE)
    else bytes(port, what === 'splice bytes up')
  }
  const began = performance.now()
  setTimeout(() => {
    running = false
    process.send?.({ count, took: (performance.now() - began) / 1000, errors } satisfies Done)
    for (const socket of sockets.splice(0)) socket.destroy()
  }, seconds * 1000)
})
process.once('disconnect', () => process.exit())
