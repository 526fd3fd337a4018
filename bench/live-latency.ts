/** How old a picture is when a viewer draws it, over Porthole and over a WebRTC connection of the same pages. */
import type { Browser, BrowserContext } from '@playwright/test'
import { browserPath, buildPage, launch, openContext, openPage } from './browser.ts'
import { congestionControls, setCongestionControl } from './congestion.ts'
import { type Link, linkMissing, NEAR, openLink } from './link.ts'
import type { Bench, Sample } from './page/main.ts'
import { alone, Quiet } from './quiet.ts'
import { watchScreen } from './screen.ts'
import { type BenchServer, startServer } from './server.ts'
import { interleaved, median, percentile } from './stats.ts'
import { cell, machine, options, table, verdict } from './table.ts'

declare const bench: Bench

/** Porthole's p50 and p95 over WebRTC's, at most. */
const LOOPBACK_P50_BAR = 0.5
const LINK_P50_BAR = 0.6
const LINK_P95_BAR = 1.1
/** Milliseconds one way, and percent of packets lost each way. */
const LINK_DELAY_MS = 20
const LOSSES = [0, 1, 3]
/** Milliseconds until the first picture must have come. */
const FIRST_MS = 15_000
/** Milliseconds after the first picture that do not count, for either way: bitrates and windows find their size. */
const SETTLE_MS = 2500

type Way = 'webrtc' | 'bbr' | 'cubic' | 'porthole'

interface Result {
  /** Milliseconds from the picture's time to its draw. */
  readonly p50: number
  readonly p95: number
  /** The same to the page's animation frame that saw it. */
  readonly page: number
  /** The same to the screen, when it is watched. */
  readonly screen: number
  readonly fps: number
  /** Pixels of the picture's width: WebRTC makes it smaller when it has to. */
  readonly width: number
}

interface Pages {
  readonly publisher: BrowserContext
  readonly viewer: BrowserContext
  readonly server: BenchServer
}

const { rounds, seconds, quick, patience, only, screen, loss } = options({
  rounds: 3,
  seconds: 6,
  quick: false,
  patience: 60,
  /** `loopback` or `link`; both without. */
  only: '',
  screen: false,
  loss: LOSSES.join(','),
})
const machineQuiet = new Quiet(patience * 1000)
const roundsOf = quick ? 1 : rounds
const measureMs = (quick ? 4 : seconds) * 1000

/** One way for a while, on pages of its own. */
async function measure(way: Way, { publisher, viewer, server }: Pages): Promise<Result> {
  const near = await openPage(publisher, server)
  const far = await openPage(viewer, server)
  try {
    if (way === 'webrtc') {
      const offer = await near.evaluate(() => bench.offer())
      const answer = await far.evaluate((text) => bench.answer(text), offer)
      await near.evaluate((text) => bench.accept(text), answer)
    } else {
      setCongestionControl(way)
      await near.evaluate(() => bench.publish('bench'))
      await far.evaluate(() => bench.view('bench'))
    }
    await far.waitForFunction(() => bench.draws.length > 0, undefined, { timeout: FIRST_MS })
    const screenSeen = screen ? await watchScreen(far) : undefined
    await far.waitForTimeout(SETTLE_MS + measureMs)
    const { draws, samples, width } = await far.evaluate(() => ({ draws: bench.draws, samples: bench.samples, width: bench.width }))
    const shown = (await screenSeen?.()) ?? []
    const since = (draws[0] as Sample).at + SETTLE_MS
    const agesOf = (all: Sample[]) => all.filter(({ at }) => at >= since && at < since + measureMs).map(({ age }) => age)
    const ages = agesOf(draws)
    return {
      p50: percentile(ages, 0.5),
      p95: percentile(ages, 0.95),
      page: percentile(agesOf(samples), 0.5),
      screen: percentile(agesOf(shown), 0.5),
      fps: (ages.length * 1000) / measureMs,
      width,
    }
  } finally {
    await near.close()
    await far.close()
  }
}

async function measureAll(ways: readonly Way[], pages: Pages): Promise<Map<Way, Result[]>> {
  const results = new Map<Way, Result[]>(ways.map((way) => [way, []]))
  for (const variant of interleaved(ways, roundsOf)) results.get(variant)?.push(await machineQuiet.measure(() => measure(variant, pages)))
  return results
}

const NAMES: Record<Way, string> = { webrtc: 'WebRTC', porthole: 'Porthole', bbr: 'Porthole, BBR', cubic: 'Porthole, CUBIC' }

/** Prints the rows; gives the ratios of the first way that is not WebRTC. Ratios are of the same round. */
function report(title: string, results: Map<Way, Result[]>): Map<Way, { p50: number; p95: number }> {
  const against = results.get('webrtc') as Result[]
  const ratios = new Map<Way, { p50: number; p95: number }>()
  const rows = [...results].map(([way, all]) => {
    const ratio = (field: 'p50' | 'p95') => median(all.map((result, round) => result[field] / (against[round]?.[field] ?? Number.NaN)))
    ratios.set(way, { p50: ratio('p50'), p95: ratio('p95') })
    const of = (field: keyof Result) => median(all.map((result) => result[field]))
    return [
      NAMES[way],
      cell(of('p50')),
      cell(of('p95')),
      cell(ratio('p50'), 2),
      cell(ratio('p95'), 2),
      cell(of('page')),
      ...(screen ? [cell(of('screen'))] : []),
      cell(of('fps'), 1),
      cell(of('width')),
    ]
  })
  console.log(`\n${title}\n`)
  console.log(
    table(
      ['way', 'p50 ms', 'p95 ms', 'p50 × WebRTC', 'p95 × WebRTC', 'page p50', ...(screen ? ['screen p50'] : []), 'frames/s', 'px'],
      rows,
    ),
  )
  return ratios
}

async function onLoopback(): Promise<string[]> {
  const server = await startServer()
  const browsers: Browser[] = []
  try {
    await server.call('POST', '/cameras', { id: 'bench', name: 'Bench', source: { kind: 'browser' } })
    browsers.push(await launch(), await launch())
    const [publisher, viewer] = await Promise.all(browsers.map((browser) => openContext(browser, server)))
    const results = await measureAll(['webrtc', 'porthole'], {
      publisher: publisher as BrowserContext,
      viewer: viewer as BrowserContext,
      server,
    })
    const ratios = report('loopback', results)
    return [`loopback: p50 × WebRTC: ${verdict(ratios.get('porthole')?.p50 ?? Number.NaN, LOOPBACK_P50_BAR)}`]
  } finally {
    for (const browser of browsers) await browser.close()
    await server.close()
  }
}

/** The viewer's browser stands at the link's far end; server and publisher here. */
async function overLink(link: Link, ways: readonly Way[]): Promise<string[]> {
  const server = await startServer({ host: NEAR })
  const browsers: Browser[] = []
  const verdicts: string[] = []
  try {
    await server.call('POST', '/cameras', { id: 'bench', name: 'Bench', source: { kind: 'browser' } })
    const trust = `--unsafely-treat-insecure-origin-as-secure=${server.url}`
    browsers.push(await launch([trust]), await launch([trust], { prefix: link.wrapper(await browserPath()) }))
    const [publisher, viewer] = await Promise.all(browsers.map((browser) => openContext(browser, server)))
    for (const percent of loss.split(',').map(Number)) {
      await link.setLoss(percent)
      const results = await measureAll(ways, { publisher: publisher as BrowserContext, viewer: viewer as BrowserContext, server })
      const ratios = report(`${2 * LINK_DELAY_MS} ms round trip, ${percent} % loss each way`, results)
      const bbr = ratios.get('bbr')
      if (!bbr) continue
      verdicts.push(`${percent} % loss, BBR: p50 × WebRTC: ${verdict(bbr.p50, LINK_P50_BAR)}`)
      verdicts.push(`${percent} % loss, BBR: p95 × WebRTC: ${verdict(bbr.p95, LINK_P95_BAR)}`)
    }
    return verdicts
  } finally {
    for (const browser of browsers) await browser.close()
    await server.close()
  }
}

await alone()
console.log(`live-latency · ${machine()}`)
console.log(
  `640×360, 30 frames/s, the same moving picture; ${roundsOf} rounds, ways in turn, ${measureMs / 1000} s each after ` +
    `${SETTLE_MS / 1000} s from the first picture on; medians over the rounds.`,
)
await buildPage()
const verdicts = only === 'link' ? [] : await onLoopback()
const missing = only === 'loopback' ? 'not asked for' : linkMissing()
if (missing) console.log(`\nNo measurement over a lossy link: ${missing}.`)
else {
  const known = congestionControls()
  const ways: Way[] = ['webrtc', ...(['bbr', 'cubic'] as const).filter((name) => known.includes(name))]
  if (!ways.includes('bbr')) console.log('\nThis kernel offers no BBR (`modprobe tcp_bbr`): its rows are left out.')
  const before = setCongestionControl()
  const link = await openLink({ delay: LINK_DELAY_MS, loss: 0 })
  try {
    verdicts.push(...(await overLink(link, ways)))
  } finally {
    setCongestionControl(before)
    await link.close()
  }
}
console.log(`\n${verdicts.join('\n')}\n${machineQuiet.summary()}`)
console.log(`
The publisher's page burns the time into the picture's pixels as it is captured, and the viewer reads it back off the
pixels when it draws them: p50 and p95 end where the picture is handed to the browser to be shown, at drawImage on
Porthole's canvas, and at the presentationTime of requestVideoFrameCallback of WebRTC's video. \`page p50\` ends at the
animation frame in which the page itself sees the new picture on its canvas or video; with --screen, \`screen p50\` ends in
the browser's composed output, and everything is slower for being watched.
Both browsers run on this machine, on one clock. Ratios are medians of the ratios within each round.`)
