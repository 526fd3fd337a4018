import { cell } from '../table.ts'
import type { EventsJob } from './client-events.ts'
import { ahead, contest, profileOf, type Rounds } from './contest.ts'
import type { StartOptions, Way } from './servers.ts'

/** Subscribers, and how many publications they may be behind: a few hundred events are on their way, a few thousand at a thousand. */
const FANS = [
  { subscribers: 1, window: 32 },
  { subscribers: 10, window: 16 },
  { subscribers: 100, window: 4 },
  { subscribers: 1000, window: 2 },
] as const
const BYTES = 30

/** One publisher's events to many subscribers against a bare server's sends of the same bytes. @returns verdicts */
export async function measureEvents(rounds: Rounds, options: Omit<StartOptions, 'bare'>): Promise<string[]> {
  const verdicts: string[] = []
  for (const { subscribers, window } of FANS) {
    const name = `events to ${subscribers} subscriber${subscribers > 1 ? 's' : ''}`
    if (!rounds.wanted(name)) continue
    const job = { what: 'events', format: 'json', bytes: BYTES, subscribers, window } as const
    const results = await contest<EventsJob>(rounds, { ...profileOf(options, name), bare: 'relay' }, job)
    const share = (way: Way) => Math.min(...results.of(way).map(({ delivered }) => delivered))
    const wrong = (way: Way) => results.of(way).reduce((sum, done) => sum + done.wrong, 0)
    console.log(`\n${name}, ${window} publications on their way\n`)
    console.log(
      results.table('event', [
        { title: 'delivered', of: (way) => cell(share(way), 4) },
        { title: 'out of turn', of: (way) => cell(wrong(way)) },
      ]),
    )
    if (results.ways.includes('porthole')) {
      const well = share('porthole') === 1 && wrong('porthole') === 0
      verdicts.push(`${name}: delivered share ${cell(share('porthole'), 4)}, out of turn ${wrong('porthole')}: ${well ? 'ok' : 'MISSED'}`)
    }
    verdicts.push(...ahead(name, results))
  }
  return verdicts
}
