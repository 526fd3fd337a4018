import { cell } from '../table.ts'
import type { CallsDone, CallsJob } from './client-calls.ts'
import { ahead, atLeast, contest, cost, profileOf, type Rounds, rate } from './contest.ts'
import type { FormatName } from './formats.ts'
import type { StartOptions, Way } from './servers.ts'

/** Calls a second against echoes a second of the same bytes, at least, in the case that has it. */
const BAR = 0.45

interface Case {
  readonly format: FormatName
  readonly inFlight: number
  readonly bytes: number
  readonly bar?: number
}

const CASES: readonly Case[] = [
  { format: 'json', inFlight: 1, bytes: 30 },
  { format: 'json', inFlight: 32, bytes: 30, bar: BAR },
  { format: 'json', inFlight: 1, bytes: 1024 },
  { format: 'json', inFlight: 32, bytes: 1024 },
  { format: 'msgpack', inFlight: 32, bytes: 30 },
  { format: 'cbor', inFlight: 32, bytes: 30 },
]

/** Ways that speak more than JSON. */
const SPEAK_ALL: readonly Way[] = ['bare ws', 'ws hop', 'porthole']

/** Calls through each router against echoes of a call's bytes. @returns verdicts */
export async function measureCalls(rounds: Rounds, options: Omit<StartOptions, 'bare'>): Promise<string[]> {
  const verdicts: string[] = []
  for (const { format, inFlight, bytes, bar } of CASES) {
    const ways = rounds.ways.filter((way) => format === 'json' || SPEAK_ALL.includes(way))
    const name = `calls ${inFlight} in flight of ${bytes} bytes in ${format}`
    if (!rounds.wanted(name)) continue
    const results = await contest<CallsJob>(
      { ...rounds, ways },
      { ...profileOf(options, name), bare: 'echo' },
      { what: 'calls', format, bytes, inFlight },
    )
    console.log(`\n${name}\n`)
    console.log(results.table('call'))
    for (const way of results.ways) {
      const bad = results.of(way).reduce((sum: number, { wrong, lost }: CallsDone) => sum + wrong + lost, 0)
      if (bad > 0) console.log(`${way}: ${bad} calls without an answer or with one that is not theirs`)
      if (bad > 0 && way === 'porthole') verdicts.push(`${name}: ${bad} calls answered wrongly or not at all MISSED`)
    }
    if (bar !== undefined && results.ways.includes('porthole')) {
      const byCpu = cell(1 / results.ratio('porthole', 'bare ws', cost), 2)
      verdicts.push(`${name}: × echoes of bare ws: ${atLeast(results.ratio('porthole', 'bare ws', rate), bar)} (by server CPU ${byCpu})`)
    }
    verdicts.push(...ahead(name, results))
  }
  return verdicts
}
