import type { Quiet } from '../quiet.ts'
import { interleaved, median } from '../stats.ts'
import { cell, table } from '../table.ts'
import type { DoneOf } from './client.ts'
import type { CallsJob } from './client-calls.ts'
import type { EventsJob } from './client-events.ts'
import { Clients } from './clients.ts'
import { isOther, type Server, type StartOptions, start, type Way } from './servers.ts'

/** A core of which more is used is full: ticks of /proc are no finer. */
const FULL = 0.93
const WARM_UP_SECONDS = 1

export interface Rounds {
  readonly ways: readonly Way[]
  readonly rounds: number
  readonly seconds: number
  readonly quiet: Quiet
  /** Whether a case is measured, by its name. */
  readonly wanted: (name: string) => boolean
}

type Contested = CallsJob | EventsJob
type Done<J extends Contested> = DoneOf[J['what']]

/** One case, all ways in turn: new processes for each case, so that what one leaves behind is not the next one's. */
export async function contest<J extends Contested>(
  { ways, rounds, seconds, quiet }: Rounds,
  options: StartOptions,
  job: Omit<J, 'target' | 'seconds'>,
): Promise<Results<Done<J>>> {
  const clients = new Clients()
  const servers = new Map<Way, Server>()
  const results = new Results<Done<J>>(ways)
  const run = async (way: Way, time: number): Promise<Done<J> | undefined> => {
    if (results.failed.has(way)) return undefined
    try {
      const { port, pid, path, kind } = servers.get(way) as Server
      return await clients.do({ ...job, target: { port, pid, path, kind }, seconds: time } as J)
    } catch (error) {
      results.failed.set(way, (error as Error).message)
      console.log(`${way}: ${(error as Error).message}: it is left out here`)
      return undefined
    }
  }
  try {
    for (const way of ways) servers.set(way, await start(way, options))
    for (const way of ways) await run(way, WARM_UP_SECONDS)
    for (const way of interleaved(ways, rounds)) {
      const done = await quiet.measure(() => run(way, seconds))
      if (done) results.add(way, done)
    }
    return results
  } finally {
    clients.close()
    for (const server of servers.values()) await server.close()
  }
}

interface Measured {
  readonly count: number
  readonly took: number
  readonly p50: number
  readonly p99: number
  readonly server: number
  readonly client: number
}

/** What each way did in each round. */
export class Results<T extends Measured> {
  readonly #ways: readonly Way[]
  /** Ways that could not be measured, and why. */
  readonly failed = new Map<Way, string>()
  readonly #of: ReadonlyMap<Way, T[]>

  constructor(ways: readonly Way[]) {
    this.#ways = ways
    this.#of = new Map(ways.map((way) => [way, []]))
  }

  add(way: Way, done: T): void {
    this.of(way).push(done)
  }

  get ways(): Way[] {
    return this.#ways.filter((way) => !this.failed.has(way))
  }

  of(way: Way): T[] {
    return this.#of.get(way) ?? []
  }

  median(way: Way, value: (done: T) => number): number {
    return median(this.of(way).map(value))
  }

  /** Medians of a round's ratio: what else the machine did then hit both. */
  ratio(way: Way, to: Way, value: (done: T) => number): number {
    const others = this.of(to)
    return median(this.of(way).flatMap((done, round) => (others[round] ? [value(done) / value(others[round])] : [])))
  }

  /** The other router that Porthole is least ahead of. */
  rival(): Way | undefined {
    const ahead = (way: Way) => this.ratio('porthole', way, rate)
    return this.ways.filter(isOther).sort((a, b) => ahead(a) - ahead(b))[0]
  }

  /** @param unit of what is counted @param more columns */
  table(unit: string, more: readonly { readonly title: string; readonly of: (way: Way) => string }[] = []): string {
    const head = ['way', `${unit}s/s`, '× bare', `server µs/${unit}`, '× bare', 'p50 ms', 'p99 ms', 'server', 'clients', 'full']
    const rows = this.ways.map((way) => [
      way,
      cell(this.median(way, rate)),
      cell(this.ratio(way, 'bare ws', rate), 2),
      cell(this.median(way, cost) * 1e6, 1),
      cell(this.ratio(way, 'bare ws', cost), 2),
      cell(this.median(way, p50), 2),
      cell(this.median(way, p99), 2),
      cell(this.median(way, serverShare) * 100, 0, ' %'),
      cell(this.median(way, clientShare) * 100, 0, ' %'),
      this.#full(way),
      ...more.map(({ of }) => of(way)),
    ])
    return table([...head, ...more.map(({ title }) => title)], rows)
  }

  #full(way: Way): string {
    const server = this.median(way, serverShare) >= FULL
    const clients = this.median(way, clientShare) >= FULL
    return server && clients ? 'both' : server ? 'server' : clients ? 'clients' : 'neither'
  }
}

export const rate = ({ count, took }: Measured): number => count / took
export const cost = ({ count, server }: Measured): number => server / count
const p50 = (done: Measured): number => done.p50
const p99 = (done: Measured): number => done.p99
const serverShare = ({ server, took }: Measured): number => server / took
const clientShare = ({ client, took }: Measured): number => client / took

/** The same with a folder for this case's profile, where one is wanted. */
export const profileOf = <T extends { readonly profile: string }>(options: T, name: string): T => ({
  ...options,
  profile: options.profile && `${options.profile}/${name.replace(/\W+/g, '-')}`,
})

/** `0.47 ≥ 0.45 ok` or `0.41 < 0.45 MISSED`. */
export const atLeast = (value: number, bar: number, digits = 2): string =>
  !Number.isFinite(value)
    ? 'not measured'
    : `${value.toFixed(digits)} ${value >= bar ? '≥' : '<'} ${bar.toFixed(digits)} ${value >= bar ? 'ok' : 'MISSED'}`

/** The verdict on one case: Porthole ahead of every other router, or why it was not measured. */
export function ahead<T extends Measured>(name: string, results: Results<T>): string[] {
  const failed = results.failed.get('porthole')
  if (failed !== undefined) return [`${name}: ${failed}: MISSED`]
  const rival = results.rival()
  if (rival === undefined || !results.ways.includes('porthole')) return []
  const byCpu = 1 / results.ratio('porthole', rival, cost)
  return [
    `${name}: × ${rival}, the fastest other router: ${atLeast(results.ratio('porthole', rival, rate), 1)} (by server CPU ${cell(byCpu, 2)})`,
  ]
}
