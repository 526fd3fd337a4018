import { describe, expect, test } from 'vitest'
import { AckWindow } from '../../shared/flow/window.ts'
import type { Rendition } from '../../shared/protocol/frame.ts'
import { Levels } from './levels.ts'

const FRAME_MS = 33
const DELAY_MS = 20

/** Bits a second of what can be sent. */
const COST: Record<string, number> = { 'full/3': 800_000, 'full/1': 520_000, 'full/0': 300_000, 'thumb/3': 150_000 }

/** A viewer behind a link whose rate changes; all acknowledgements at once, in simulated time. */
function simulate(options: { seconds: number; kbit: (second: number) => number; thumb?: boolean }) {
  const window = new AckWindow()
  let level = { rendition: 'full' as Rendition, layer: 3 }
  const history: { at: number; level: string }[] = []
  let probes = 0
  let freeAt = 0
  let best = Number.POSITIVE_INFINITY
  let now = 0
  const flying: { at: number; run: () => void }[] = []
  /** Puts bytes on the link. @returns when they are at the other end and the answer is back */
  const put = (bytes: number) => {
    freeAt = Math.max(freeAt, now) + (bytes * 8) / options.kbit(now / 1000)
    return freeAt + 2 * DELAY_MS
  }
  const levels = new Levels(window, {
    wanted: () => 'full',
    offers: (rendition) => rendition === 'full' || options.thumb !== false,
    layers: () => 3,
    bitrate: (rendition, layer) => (level.rendition === rendition ? (COST[`${rendition}/${layer}`] ?? COST[`${rendition}/3`] ?? 0) : 0),
    limit: (rendition, layer) => {
      level = { rendition: rendition ?? 'full', layer }
      history.push({ at: now, level: `${level.rendition}/${layer}` })
    },
    probe: (id, bytes) => {
      probes++
      flying.push({ at: put(bytes), run: () => levels.ponged(id, now) })
    },
  })
  levels.restart(0)
  let sequence = 0
  for (now = 0; now < options.seconds * 1000; now++) {
    for (let i = 0; i < flying.length; i++) {
      const event = flying[i] as (typeof flying)[number]
      if (event.at > now) continue
      flying.splice(i--, 1)
      event.run()
    }
    if (now % FRAME_MS === 0 && window.pressure(now) < 3) {
      const mine = ++sequence
      const bytes = (COST[`${level.rendition}/${level.layer}`] as number) / 8 / (1000 / FRAME_MS)
      const at = put(bytes)
      const transit = at - now
      best = Math.min(best, transit)
      window.sent(mine, bytes, now)
      flying.push({
        at,
        run: () => {
          window.acked({ sequence: mine, held: 0, late: transit - best }, now)
          levels.tick(now)
        },
      })
    }
    if (now % 250 === 0) levels.tick(now)
  }
  return { history, probes, final: `${level.rendition}/${level.layer}`, levels }
}

describe('levels', () => {
  test('stay at the top of a link that carries all', () => {
    const { history, probes } = simulate({ seconds: 30, kbit: () => 5000 })
    expect(history).toEqual([])
    expect(probes).toBe(0)
  })

  test('stay when only the beginning is slow', () => {
    expect(simulate({ seconds: 20, kbit: (second) => (second < 0.4 ? 450 : 5000) }).history).toEqual([])
  })

  test('go down to what a short link carries and stay there', () => {
    const { history, final, levels } = simulate({ seconds: 60, kbit: () => 300 })
    expect(final).toBe('thumb/3')
    expect(levels.behind).toBe(true)
    expect(history[0]?.at).toBeLessThan(2000)
    expect(history.filter(({ level }) => level === 'full/3')).toEqual([])
    expect(history.length, JSON.stringify(history)).toBeLessThanOrEqual(4)
  })

  test('stop at fewer layers when those fit', () => {
    const { final } = simulate({ seconds: 20, kbit: () => 620 })
    expect(['full/1', 'full/3']).toContain(final)
  })

  test('come back to the full picture within ten seconds after the link did', () => {
    const { history } = simulate({ seconds: 60, kbit: (second) => (second < 30 ? 300 : 5000) })
    const back = history.find(({ at, level }) => at > 30_000 && level === 'full/3')
    expect(back?.at).toBeLessThan(40_000)
    expect(history.at(-1)).toBe(back)
  })

  test('thin to the base layer where there is no thumb', () => {
    expect(simulate({ seconds: 20, kbit: () => 350, thumb: false }).final).toBe('full/0')
  })

  test('probe a short link less than once in two seconds', () => {
    const { probes } = simulate({ seconds: 60, kbit: () => 300 })
    expect(probes).toBeGreaterThan(5)
    expect(probes).toBeLessThanOrEqual(30)
  })
})
