/** What a gigabyte of one camera, delivered to thousands of viewers, costs the server, against plain `ws.send` and raw writes. */
import { spawnSync } from 'node:child_process'
import { FPS, PAYLOAD_BYTES } from './fan-out-publisher.ts'
import { type FanOutResult, hasTaskset, run, WAYS, type Way } from './fan-out-run.ts'
import { alone, Quiet } from './quiet.ts'
import { interleaved, median } from './stats.ts'
import { cell, machine, options, table, verdict } from './table.ts'

/** CPU time against raw writes at most; delivered share at least, at this many viewers. */
const COST_BAR = 1.15
const BAR_VIEWERS = 2000
/** Files that a process needs beside its viewers' sockets. */
const SPARE_FILES = 200

const { viewers, rounds, seconds, quick, ways, profile, patience } = options({
  viewers: '500,2000,4000',
  ways: WAYS.join(','),
  rounds: 3,
  seconds: 10,
  profile: '',
  patience: 60,
  quick: false,
})
const chosen = WAYS.filter((way) => ways.split(',').includes(way))
const counts = quick ? [500, BAR_VIEWERS] : viewers.split(',').map(Number)

if (process.platform !== 'linux') throw new Error('fan-out reads CPU times from /proc: it needs Linux')
const files = Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || Number.POSITIVE_INFINITY
if (files < Math.max(...counts) + SPARE_FILES)
  throw new Error(`${Math.max(...counts)} viewers need more open files than ${files}: raise \`ulimit -n\``)
if (hasTaskset()) spawnSync('taskset', ['-cp', '1', `${process.pid}`])

await alone()
console.log(`fan-out · ${machine()}`)
console.log(
  `${FPS} frames/s of ${PAYLOAD_BYTES} bytes; server ${hasTaskset() ? 'on core 0, viewers and publisher on core 1' : 'and client not pinned: no taskset'}; ` +
    `${quick ? 1 : rounds} rounds, ways in turn, ${quick ? 3 : seconds} s each, medians over the rounds.`,
)

const machineQuiet = new Quiet(patience * 1000)
const verdicts: string[] = []
for (const count of counts) {
  const results = new Map<Way, FanOutResult[]>(WAYS.map((way) => [way, []]))
  for (const variant of interleaved(chosen, quick ? 1 : rounds)) {
    const result = await machineQuiet.measure(() => run(variant, count, quick ? 3 : seconds, profile))
    results.get(variant)?.push(result)
    if (result.lost > 0) console.log(`${variant}: ${result.lost} viewers were lost (${result.reason})`)
  }
  const of = (way: Way, field: Exclude<keyof FanOutResult, 'reason'>) =>
    median((results.get(way) as FanOutResult[]).map((result) => result[field]))
  // Of the same round: what else the machine did then hit both.
  const ratio = (way: Way) =>
    median(
      (results.get(way) as FanOutResult[]).map(({ cpuPerGb }, round) => cpuPerGb / (results.get('raw')?.[round]?.cpuPerGb ?? Number.NaN)),
    )
  const rows = chosen.map((way) => [
    way,
    cell(of(way, 'cpuPerGb'), 2),
    cell(ratio(way), 2),
    cell(of(way, 'cpuShare') * 100, 0, ' %'),
    cell(of(way, 'delivered'), 4),
    cell(of(way, 'p50'), 1),
    cell(of(way, 'p99'), 1),
    cell(of(way, 'gaps'), 0),
    cell(of(way, 'acks'), 1),
  ])
  console.log(`\n${count} viewers\n`)
  console.log(table(['way', 'CPU s/GB', '× raw', 'core', 'delivered', 'p50 ms', 'p99 ms', 'gaps', 'acks/s'], rows))
  verdicts.push(`${count} viewers: CPU-seconds per GB × raw: ${verdict(ratio('porthole'), COST_BAR)}`)
  if (count === BAR_VIEWERS) {
    const delivered = of('porthole', 'delivered')
    verdicts.push(`${count} viewers: delivered share: ${delivered.toFixed(4)} ${delivered >= 0.995 ? 'ok' : '< 1.00 MISSED'}`)
  }
}
console.log(`\n${verdicts.join('\n')}\n${machineQuiet.summary()}`)
console.log(`
raw       one net.Socket.write of the same bytes for each viewer, which stays unread: the baseline
raw+read  the same, and what viewers send is read and thrown away
ws        ws.send for each viewer
viewers   are the same for all, and acknowledge to all alike: the kernel's cost of a connection depends on its traffic
CPU       user and system time of the server process off /proc, over the bytes that viewers got; ratios within a round
delivered frames that arrived within a second after the last was sent, of frames × viewers
p50, p99  from the publisher's stamp to the look at which a viewer found the frame's last byte, one look a millisecond
gaps      messages in which Porthole told a viewer that frames were left out; acks/s: acknowledgements of one viewer`)
process.exit()
