/** What the WAMP router costs: calls, events and idle sessions, against bare `ws` and the other routers of npm. */
import { spawnSync } from 'node:child_process'
import { hasTaskset } from './fan-out-run.ts'
import { ownNetwork } from './network.ts'
import { alone, Quiet } from './quiet.ts'
import { machine, options } from './table.ts'
import { measureCalls } from './wamp/calls.ts'
import { measureEvents } from './wamp/events.ts'
import { measureIdle } from './wamp/idle.ts'
import { foldersOf, installed, isOther, WAYS } from './wamp/servers.ts'

/** Files that a process needs beside its sessions' sockets. */
const SPARE_FILES = 200

const { rounds, seconds, quick, only, ways, sessions, profile, peers, patience } = options({
  rounds: 7,
  seconds: 2,
  quick: false,
  only: '',
  ways: WAYS.join(','),
  sessions: 10_000,
  profile: '',
  peers: '',
  patience: 60,
})
const roundsOf = quick ? 1 : rounds
const secondsOf = quick ? Math.min(seconds, 1) : seconds

if (process.platform !== 'linux') throw new Error('wamp reads CPU times and memory from /proc: it needs Linux')
ownNetwork()
await alone()
if (hasTaskset()) spawnSync('taskset', ['-cp', '1', `${process.pid}`])

const folders = foldersOf(peers)
const chosen = WAYS.filter((way) => ways.split(',').includes(way))
const known = chosen.filter((way) => !isOther(way) || installed(way, folders))
const missing = chosen.filter((way) => !known.includes(way))
console.log(`wamp · ${machine()}`)
console.log(
  `server ${hasTaskset() ? 'on core 0, all clients in one process on core 1' : 'and clients not pinned: no taskset'}; ` +
    `medians of ${roundsOf} rounds of ${secondsOf} s, ways in turn; ratios within a round`,
)
console.log(
  `other routers: ${
    known
      .filter(isOther)
      .map((way) => `${way} ${installed(way, folders)?.version}`)
      .join(', ') || 'none'
  }${missing.length > 0 ? `; not installed, rows left out: ${missing.join(', ')} (npm install one into some folder, and name that with --peers)` : ''}`,
)

const quiet = new Quiet(quick ? 0 : patience * 1000)
const wanted = (name: string) => only === '' || only.split(',').some((begin) => name.startsWith(begin))
const inTurn = { ways: known, rounds: roundsOf, seconds: secondsOf, quiet, wanted }
const starting = { folders, profile }
const withoutHop = known.filter((way) => way !== 'ws hop')
const verdicts: string[] = []
verdicts.push(...(await measureCalls(inTurn, starting)))
verdicts.push(...(await measureEvents({ ...inTurn, ways: withoutHop }, starting)))
if (wanted('idle')) {
  const files = Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || Number.POSITIVE_INFINITY
  const most = Math.min(sessions, files - SPARE_FILES)
  if (most < sessions) console.log(`\n${files} open files are too few for ${sessions} sessions: raise \`ulimit -n\``)
  verdicts.push(...(await measureIdle(withoutHop, most, quick ? 2 : 10, starting)))
}
console.log(`\n${verdicts.join('\n')}\n${quiet.summary()}`)
console.log(`
bare ws     a plain ws server that sends back a call's bytes, or passes on an event's bytes to all readers
ws hop      a plain ws server that passes a call's bytes on to the callee, and the callee's back: what routing costs at least that
            sends message by message
calls       caller and callee are two connections; the callee answers with the call's arguments; each result is matched with its call
events      published as fast as subscribers read; each subscriber counts what comes and in which turn
server µs   user and system time of the server process off /proc, for a call or a delivered event
full        whose core was used to the end: where it is the clients', the server could do more`)
process.exit()
