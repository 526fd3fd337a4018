/** What the door costs: requests and connections against listening directly, spliced traffic against sslh and a bare pipe. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '../server/testing/ports.ts'
import type { Done, Job } from './door-client.ts'
import { fork, hasTaskset, pinned } from './fan-out-run.ts'
import { ownNetwork } from './network.ts'
import { alone, Quiet } from './quiet.ts'
import { interleaved, median } from './stats.ts'
import { cell, machine, options, table } from './table.ts'

const WAYS = ['direct', 'door', 'pipe', 'sslh-select', 'sslh'] as const
type Way = (typeof WAYS)[number]

/** What is measured, of which ways, the door against which, and at least which share of it. */
const MEASURES: readonly { what: Job['what']; unit: string; ways: readonly Way[]; bars: Partial<Record<Way, number>> }[] = [
  { what: 'requests', unit: '/s', ways: ['direct', 'door'], bars: { direct: 0.95 } },
  { what: 'connections', unit: '/s', ways: ['direct', 'door'], bars: { direct: 0.85 } },
  { what: 'splice connections', unit: '/s', ways: ['door', 'pipe', 'sslh-select', 'sslh'], bars: { 'sslh-select': 1, sslh: 1 } },
  { what: 'splice requests', unit: '/s', ways: ['door', 'pipe', 'sslh-select', 'sslh'], bars: {} },
  { what: 'splice bytes down', unit: ' MB/s', ways: ['door', 'pipe', 'sslh-select', 'sslh'], bars: { 'sslh-select': 1, sslh: 1 } },
  { what: 'splice bytes up', unit: ' MB/s', ways: ['door', 'pipe', 'sslh-select', 'sslh'], bars: { 'sslh-select': 1, sslh: 1 } },
]

const { rounds, seconds, quick, only, patience } = options({ rounds: 9, seconds: 1.5, quick: false, only: '', patience: 60 })
const roundsOf = quick ? 1 : rounds
const chosen = MEASURES.filter(({ what }) => only === '' || what.startsWith(only))

const heard = async <T>(child: ChildProcess): Promise<T> => (await once(child, 'message'))[0] as T

const sslhPath = (name: string) => spawnSync('sh', ['-c', `command -v ${name} || ls /usr/sbin/${name}`], { encoding: 'utf8' }).stdout.trim()

/** A server on core 0. */
async function start(way: Way, upstream: number): Promise<{ port: number; child: ChildProcess }> {
  if (way !== 'sslh' && way !== 'sslh-select') {
    const child = fork('door-server.ts', 0, [way, `${upstream}`])
    return { ...(await heard<{ port: number }>(child)), child }
  }
  const port = await freePort()
  const args = [sslhPath(way), '--foreground', '--numeric', '--listen', `127.0.0.1:${port}`, '--ssh', `127.0.0.1:${upstream}`]
  const command = [...pinned(0), ...args]
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] })
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false)
    socket.destroy()
    if (open) return { port, child }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${way} does not listen`)
}

ownNetwork()
await alone()
if (hasTaskset()) spawnSync('taskset', ['-cp', '1', `${process.pid}`])
const known = WAYS.filter((way) => !way.startsWith('sslh') || sslhPath(way) !== '')
if (known.length < WAYS.length) console.log('sslh is not installed (Debian: apt-get install sslh): its rows are left out.')
console.log(`door · ${machine()}`)
console.log(
  `server on core 0, clients and upstream on core 1; medians of ${roundsOf} rounds of ${seconds} s, ways in turn; ratios within a round`,
)

const quiet = new Quiet(patience * 1000)
const verdicts: string[] = []
for (const { what, unit, ways, bars } of chosen) {
  // New processes for each measure: what one leaves behind (a heap, compiled code) is not the next one's.
  const client = fork('door-client.ts', 1, [])
  const { upstream } = await heard<{ upstream: number }>(client)
  const servers = new Map<Way, { port: number; child: ChildProcess }>()
  const those = ways.filter((way) => known.includes(way))
  const run = async (way: Way, time: number): Promise<Done> => {
    client.send({ what, port: (servers.get(way) as { port: number }).port, seconds: time } satisfies Job)
    return await heard<Done>(client)
  }
  try {
    for (const way of those) servers.set(way, await start(way, upstream))
    // Compilers warm up.
    for (const way of those) await run(way, 1)
    const rates = new Map<Way, number[]>(those.map((way) => [way, []]))
    let errors = 0
    for (const way of interleaved(those, roundsOf)) {
      const done = await quiet.measure(() => run(way, seconds))
      errors += done.errors
      rates.get(way)?.push(done.count / done.took)
    }
    const of = (way: Way) => rates.get(way) as number[]
    const ratio = (way: Way) => median(of('door').map((rate, round) => rate / (of(way)[round] as number)))
    const scale = unit === ' MB/s' ? 1e6 : 1
    console.log(`\n${what}${errors > 0 ? ` (${errors} errors)` : ''}\n`)
    console.log(
      table(
        ['way', `median${unit}`, 'door ×'],
        those.map((way) => [way, cell(median(of(way)) / scale), way === 'door' ? '1.00' : cell(ratio(way), 2)]),
      ),
    )
    for (const [way, bar] of Object.entries(bars) as [Way, number][])
      if (those.includes(way))
        verdicts.push(
          `${what} × ${way}: ${ratio(way).toFixed(2)} ${ratio(way) >= bar ? '≥' : '<'} ${bar.toFixed(2)} ${ratio(way) >= bar ? 'ok' : 'MISSED'}`,
        )
  } finally {
    for (const { child } of servers.values()) child.kill()
    client.kill()
  }
}
console.log(`\n${verdicts.join('\n')}\n${quiet.summary()}`)
console.log(`
direct      the same Fastify app on a port of its own
door        the app behind the door (TLS, HTTP/2, HTTP/1 and an SSH service are looked for), or the service spliced
pipe        a Node server that connects each client to the upstream and looks at nothing
sslh        Debian's sslh, a process for each connection; sslh-select: one process for all`)
process.exit()
