import { readFileSync } from 'node:fs'
import { cell, table } from '../table.ts'
import type { IdleJob } from './client-idle.ts'
import { Clients } from './clients.ts'
import { type StartOptions, start, type Way } from './servers.ts'

/** Bytes of the server with its idle sessions, less than. */
const BAR_BYTES = 2 ** 30
const MIB = 2 ** 20
/** Milliseconds that a server has to come to rest before it is looked at. */
const REST_MS = 1500
/** Connections that a server takes beside the idle ones. */
const SPARE = 100

interface Idle {
  readonly way: Way
  readonly before: number
  readonly after: number
  readonly peak: number
  readonly took: number
  readonly ended: number
}

/** Memory of each server with sessions that do nothing, against bare sockets. @returns verdicts */
export async function measureIdle(
  ways: readonly Way[],
  sessions: number,
  seconds: number,
  options: Omit<StartOptions, 'bare'>,
): Promise<string[]> {
  const measured: Idle[] = []
  for (const way of ways) measured.push(await idleOf(way, sessions, seconds, options))
  const each = ({ before, after }: Idle) => (after - before) / sessions
  const bare = measured.find(({ way }) => way === 'bare ws')
  console.log(`\n${sessions} idle sessions\n`)
  console.log(
    table(
      ['way', 'MiB before', 'MiB with them', 'MiB at worst', 'KiB each', '× bare', 'joins/s', 'ended'],
      measured.map((idle) => [
        idle.way,
        cell(idle.before / MIB),
        cell(idle.after / MIB),
        cell(idle.peak / MIB),
        cell(each(idle) / 1024, 1),
        cell(bare && each(idle) / each(bare), 2),
        cell(sessions / idle.took),
        cell(idle.ended),
      ]),
    ),
  )
  return measured
    .filter(({ way }) => way === 'porthole')
    .map(({ after, ended }) => {
      const well = after < BAR_BYTES && ended === 0
      return `${sessions} idle sessions: ${cell(after / MIB)} MiB of ${cell(BAR_BYTES / MIB)}, ${ended} ended: ${well ? 'ok' : 'MISSED'}`
    })
}

async function idleOf(way: Way, sessions: number, seconds: number, options: Omit<StartOptions, 'bare'>): Promise<Idle> {
  const clients = new Clients()
  const server = await start(way, { ...options, bare: 'relay', connections: sessions + SPARE })
  try {
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    const before = memory(server.pid, 'VmRSS')
    const { port, pid, path, kind } = server
    const { took, ended } = await clients.do<IdleJob>({ what: 'idle', target: { port, pid, path, kind }, sessions, seconds })
    return { way, before, after: memory(pid, 'VmRSS'), peak: memory(pid, 'VmHWM'), took, ended }
  } finally {
    clients.close()
    await server.close()
  }
}

/** Bytes of a process, by a line of proc(5)'s status. */
function memory(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1]) * 1024
}
