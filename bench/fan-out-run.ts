import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromClient, Report, ToClient } from './fan-out-client.ts'
import { FPS, SteadyPublisher } from './fan-out-publisher.ts'
import { cpuSeconds } from './quiet.ts'
import { startServer } from './server.ts'

/** Ways of getting one frame to many sockets. */
export const WAYS = ['porthole', 'ws', 'raw', 'raw+read'] as const
export type Way = (typeof WAYS)[number]

/** Milliseconds for each step of the setting up. */
const STEP_MS = 60_000
/** Milliseconds of traffic before it counts: compilers and buffers warm up, and viewers that began late are given all layers again. */
const WARM_UP_MS = 5000
/** Milliseconds after the last frame in which frames still count as delivered. */
const DRAIN_MS = 1000
/** Milliseconds without traffic before the count begins. */
const QUIET_MS = 400

export interface FanOutResult {
  /** Seconds of user and system time of the server for each gigabyte (1e9 bytes) that viewers got. */
  readonly cpuPerGb: number
  /** Share of one core that the server used while frames came. */
  readonly cpuShare: number
  /** Frames that arrived of frames × viewers. */
  readonly delivered: number
  readonly p50: number
  readonly p99: number
  readonly gaps: number
  /** Acknowledgements a second of one viewer. */
  readonly acks: number
  readonly lost: number
  readonly reason: string
}

/**
 * One way, once: a server and a client in processes of their own, the publisher here.
 * @param profile folder for a CPU profile of Porthole's server, '' for none
 */
export async function run(way: Way, viewers: number, seconds: number, profile: string): Promise<FanOutResult> {
  const peer = way === 'porthole' ? await startPorthole(profile) : await startPeer(way)
  const client = startClient()
  const publisher = await SteadyPublisher.connect(`ws://127.0.0.1:${peer.port}/ws/publish/bench`, peer.cookie)
  try {
    await ask(client, { type: 'connect', port: peer.port, path: '/ws/live/bench', cookie: peer.cookie, viewers }, 'connected')
    void publisher.start()
    await wait(WARM_UP_MS)
    publisher.stop()
    await wait(QUIET_MS)

    const from = publisher.next
    const frames = seconds * FPS
    await ask(client, { type: 'count', from, to: from + frames - 1 }, 'counting')
    const cpuBefore = cpuSeconds(peer.pid)
    const began = performance.now()
    await publisher.start(frames)
    const took = (performance.now() - began) / 1000
    let report = await reportOf(client)
    const deadline = performance.now() + DRAIN_MS
    while (report.frames < frames * viewers && performance.now() < deadline) {
      await wait(50)
      report = await reportOf(client)
    }
    const cpu = cpuSeconds(peer.pid) - cpuBefore
    const { p50, p99, gaps, acks, lost, reason } = report
    return {
      cpuPerGb: cpu / (report.bytes / 1e9),
      cpuShare: cpu / took,
      delivered: report.frames / (frames * viewers),
      acks: acks / viewers / took,
      p50,
      p99,
      gaps,
      lost,
      reason,
    }
  } finally {
    publisher.close()
    client.disconnect()
    await peer.close()
  }
}

interface Peer {
  readonly port: number
  readonly pid: number
  readonly cookie: string
  close(): Promise<void>
}

async function startPorthole(profile: string): Promise<Peer> {
  const profiled = profile ? ['sh', '-c', `exec "$0" --cpu-prof --cpu-prof-dir='${profile}' "$@"`] : []
  const server = await startServer({ prefix: [...pinned(0), ...profiled] })
  await server.call('POST', '/cameras', { id: 'bench', name: 'Bench', source: { kind: 'browser' } })
  return server
}

async function startPeer(way: Exclude<Way, 'porthole'>): Promise<Peer> {
  const child = fork('fan-out-peer.ts', 0, [way])
  const { port } = await heard<{ port: number }>(child, 'its port', () => true)
  return { port, pid: child.pid as number, cookie: 'none=none', close: () => ended(child) }
}

const startClient = () => fork('fan-out-client.ts', 1, [])

/** The command that keeps a process on one core, where there is one. */
export const pinned = (core: number): string[] => (hasTaskset() ? ['taskset', '-c', `${core}`] : [])
let taskset: boolean | undefined
export const hasTaskset = (): boolean => {
  taskset ??= spawnSync('taskset', ['-c', '1', 'true']).status === 0
  return taskset
}

/** A helper of the benchmarks in a process of its own, on one core, that is spoken to by messages. */
export function fork(file: string, core: number, args: readonly string[]): ChildProcess {
  const command = [...pinned(core), process.execPath, '--import', 'tsx', fileURLToPath(new URL(file, import.meta.url)), ...args]
  return spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
  await exit
  clearTimeout(timer)
}

function ask(child: ChildProcess, message: ToClient, answer: FromClient['type']): Promise<FromClient> {
  const heardIt = heard<FromClient>(child, answer, ({ type }) => type === answer)
  child.send(message)
  return heardIt
}

const reportOf = async (client: ChildProcess): Promise<Report> => (await ask(client, { type: 'report' }, 'report')) as FromClient & Report

function heard<T>(child: ChildProcess, name: string, wanted: (message: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (after: () => void) => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      after()
    }
    const onMessage = (message: unknown) => wanted(message as T) && settle(() => resolve(message as T))
    const onExit = (code: number | null) => settle(() => reject(new Error(`a process of the benchmark ended with status ${code}`)))
    const timer = setTimeout(() => settle(() => reject(new Error(`a process of the benchmark does not say ${name}`))), STEP_MS)
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
