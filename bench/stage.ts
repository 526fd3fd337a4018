/** How a projector's page holds thirty phones: pictures drawn, its frame rate, and how long its main thread is busy at a time. */
import type { Page } from '@playwright/test'
import { closePages, openDashboard } from '../e2e/support/pages.ts'
import { launch } from './browser.ts'
import { encodeClips, joinAsPhone } from './phones.ts'
import { alone, cpuSeconds, Quiet } from './quiet.ts'
import { startServer } from './server.ts'
import { percentile } from './stats.ts'
import { cell, machine, options, table, verdict } from './table.ts'

const { phones: count, seconds, patience } = options({ phones: 30, seconds: 15, patience: 30 })

/** Milliseconds for the pictures to come before it is measured. */
const SETTLE_MS = 4000
/** Bars: milliseconds of the longest task, and the share of the pictures sent that is drawn. */
const BAR_TASK_MS = 100
const BAR_DRAWN = 0.9

interface Measured {
  /** Milliseconds of each task of the main thread that took more than 50. */
  readonly tasks: number[]
  /** Milliseconds between two animation frames. */
  readonly frames: number[]
  /** Pictures a second over all cameras, as the page's own statistics say, several times. */
  readonly pictures: number[]
  readonly latency: number[]
}

/** Runs in the page. */
async function watchPage(ms: number): Promise<Measured> {
  const tasks: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const frames: number[] = []
  const [pictures, latency]: [number[], number[]] = [[], []]
  const fact = (name: string) => {
    const row = [...document.querySelectorAll('.projector-statistics div')].find((div) => div.querySelector('dt')?.textContent === name)
    return Number.parseFloat(row?.querySelector('dd')?.textContent ?? '')
  }
  const began = performance.now()
  let last = began
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      pictures.push(fact('Pictures/s'))
      latency.push(fact('Latency'))
    }, 1000)
    requestAnimationFrame(function next(now) {
      frames.push(now - last)
      last = now
      if (now - began < ms) return requestAnimationFrame(next)
      clearInterval(timer)
      resolve()
    })
  })
  observer.disconnect()
  return { tasks, frames: frames.slice(1), pictures, latency }
}

const measure = async (page: Page) => {
  await page.waitForTimeout(SETTLE_MS)
  // tsx calls __name in functions that it compiled.
  await page.evaluate('globalThis.__name = (target) => target')
  return page.evaluate(watchPage, seconds * 1000)
}

await alone()
console.log(machine())
const clips = await encodeClips()
const quiet = new Quiet(patience * 1000)
const server = await startServer()
const browser = await launch()
const rows: string[][] = []
const verdicts: string[] = []
try {
  const page = await openDashboard(browser, server, '/stage', { viewport: { width: 1920, height: 1080 } })
  const code = (await page.locator('[data-code]').getAttribute('data-code')) as string
  const phones = await Promise.all(Array.from({ length: count }, (_, i) => joinAsPhone(server, code, `Phone ${i + 1}`, clips)))
  await page
    .locator('[data-camera]')
    .nth(count - 1)
    .waitFor()
  await page.keyboard.press('i')
  const sent = () => phones.reduce((sum, phone) => sum + phone.sent, 0)
  const cases: [string, () => Promise<unknown>][] = [
    ['all alike', async () => {}],
    ['one in the spotlight', () => page.locator('.projector-spot').first().click()],
    ['spotlight follows who moves', () => page.keyboard.press('a')],
  ]
  for (const [name, begin] of cases) {
    await begin()
    const [before, cpu, at] = [sent(), cpuSeconds(server.pid), performance.now()]
    const { tasks, frames, pictures, latency } = await quiet.measure(() => measure(page))
    const took = (performance.now() - at) / 1000
    const rate = (sent() - before) / took
    const drawn = percentile(pictures, 0.5)
    rows.push([
      name,
      cell(rate),
      cell(drawn),
      cell(1000 / percentile(frames, 0.5), 1),
      cell(percentile(frames, 0.99)),
      `${tasks.length}`,
      cell(Math.max(0, ...tasks)),
      cell(percentile(latency, 0.5)),
      cell(((cpuSeconds(server.pid) - cpu) / took) * 100, 0, ' %'),
    ])
    verdicts.push(`${name}: longest task: ${verdict(Math.max(0, ...tasks), BAR_TASK_MS, 0)} ms`)
    verdicts.push(`${name}: sent and not drawn: ${verdict(Math.max(0, 1 - drawn / rate), 1 - BAR_DRAWN, 2)}`)
  }
  for (const phone of phones) phone.close()
} finally {
  await closePages()
  await browser.close()
  await server.close()
}

const head = ['wall', 'sent/s', 'drawn/s', 'animation frames/s', 'frame p99 ms', 'long tasks', 'longest ms', 'latency p50 ms', 'server']
console.log(`\n${table([`${count} phones, ${seconds} s`, ...head.slice(1)], rows)}\n`)
for (const line of verdicts) console.log(line)
console.log(quiet.summary())
console.log(`
Phones that speak the protocol send H.264 that was encoded once, 15 frames/s, small or full as the page asks. Long tasks are those of the
Long Tasks API (more than 50 ms) in the projector's page; drawn and latency are what its statistics say; server is its share of one core.`)
