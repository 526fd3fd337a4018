/** How long it takes from the navigation to a camera's page to the first picture drawn. */
import { DevTools } from '../e2e/support/devtools.ts'
import { browserPath, buildPage, FLAGS, launch, openContext, openPage } from './browser.ts'
import type { Bench } from './page/main.ts'
import { alone, Quiet } from './quiet.ts'
import { type BenchServer, startServer } from './server.ts'
import { median, percentile, turned } from './stats.ts'
import { cell, machine, options, table, verdict } from './table.ts'

declare const bench: Bench

/** Milliseconds from navigation to first picture, p50, at most. */
const BAR_MS = 250
/** Milliseconds a picture may take before the navigation counts as failed. */
const TIMEOUT_MS = 10_000
/** Milliseconds between two navigations: the server stops asking for video a second after the last viewer left. */
const PAUSE_MS = 1300

/** What is navigated to, and what is waited for. */
const CASES = {
  'camera, cache warm': { path: '/camera/bench', ready: pictureDrawn, cold: false },
  'camera, cache cold': { path: '/camera/bench', ready: pictureDrawn, cold: true },
  'empty page': { path: '/healthz', ready: firstFrame, cold: false },
  'bare WebSocket': { path: '/healthz', ready: firstEcho, cold: false },
} as const
type Case = keyof typeof CASES

const { times, quick, patience } = options({ times: 30, quick: false, patience: 60 })

/** Runs in the page from its start on: resolves `globalThis.joined` with ms since the navigation began. */
function pictureDrawn(): void {
  const probe = new OffscreenCanvas(16, 9)
  const context = probe.getContext('2d', { willReadFrequently: true, alpha: false }) as OffscreenCanvasRenderingContext2D
  const target = globalThis as unknown as { joined: Promise<number> }
  target.joined = new Promise((resolve) => {
    const look = () => {
      requestAnimationFrame(look)
      const canvas = document.querySelector<HTMLCanvasElement>('[data-camera] canvas')
      if (!canvas?.width || !canvas.height) return
      context.drawImage(canvas, 0, 0, probe.width, probe.height)
      const { data } = context.getImageData(0, 0, probe.width, probe.height)
      for (let i = 0; i < data.length; i += 4)
        if ((data[i] as number) + (data[i + 1] as number) + (data[i + 2] as number) > 48) return resolve(performance.now())
    }
    requestAnimationFrame(look)
  })
}

/** An empty page's first animation frame. */
function firstFrame(): void {
  const target = globalThis as unknown as { joined: Promise<number> }
  target.joined = new Promise((resolve) => addEventListener('load', () => requestAnimationFrame(() => resolve(performance.now()))))
}

/** A page that has nothing but one WebSocket: its first answer. */
function firstEcho(): void {
  const target = globalThis as unknown as { joined: Promise<number> }
  target.joined = new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/ws`)
    socket.onopen = () => socket.send('x')
    socket.onmessage = () => resolve(performance.now())
  })
}

/** A context of its own, signed in: with an empty cache. */
async function signedIn(browser: DevTools, server: BenchServer): Promise<string> {
  const { browserContextId } = await browser.send<{ browserContextId: string }>('Target.createBrowserContext')
  const [name = '', value = ''] = server.cookie.split('=')
  await browser.send('Storage.setCookies', { browserContextId, cookies: [{ name, value, url: server.url }] })
  return browserContextId
}

async function navigate(browser: DevTools, context: string, server: BenchServer, what: Case): Promise<number> {
  const { path, ready } = CASES[what]
  // tsx calls __name in functions that it compiled.
  const page = await browser.open(context)
  try {
    await page.send('Page.enable')
    await page.send('Page.addScriptToEvaluateOnNewDocument', { source: `{ const __name = (target) => target; (${ready})() }` })
    await page.send('Page.navigate', { url: `${server.url}${path}` })
    const timeout = `new Promise((resolve) => setTimeout(resolve, ${TIMEOUT_MS}, null))`
    return (await page.evaluate<number | null>(`Promise.race([joined, ${timeout}])`)) ?? Number.NaN
  } finally {
    await browser.send('Target.closeTarget', { targetId: page.targetId })
  }
}

await alone()
console.log(`join · ${machine()}`)
const machineQuiet = new Quiet(patience * 1000)
const rounds = quick ? 5 : times
console.log(`${rounds} navigations of each kind, in turn; one camera of 640×360 at 30 frames/s, which nobody watches before.`)
await buildPage()
const server = await startServer()
await server.call('POST', '/cameras', { id: 'bench', name: 'Bench', source: { kind: 'browser' } })
const near = await launch()
const far = await DevTools.launch(await browserPath(), FLAGS)
const results = new Map<Case, number[]>((Object.keys(CASES) as Case[]).map((name) => [name, []]))
try {
  const publisher = await openPage(await openContext(near, server), server)
  await publisher.evaluate(() => bench.publish('bench'))
  await publisher.waitForFunction(() => bench.status?.state === 'live')
  const warm = await signedIn(far, server)
  // Fills the cache, and compiles what the browser keeps compiled.
  for (const name of Object.keys(CASES) as Case[]) await navigate(far, warm, server, name)
  const names = Object.keys(CASES) as Case[]
  for (let round = 0; round < rounds; round++) {
    const took = await machineQuiet.measure(async () => {
      const all = new Map<Case, number>()
      for (const variant of turned(names, round)) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        const context = CASES[variant].cold ? await signedIn(far, server) : warm
        all.set(variant, await navigate(far, context, server, variant))
        if (context !== warm) await far.send('Target.disposeBrowserContext', { browserContextId: context })
      }
      return all
    })
    for (const [name, ms] of took) {
      if (Number.isFinite(ms)) results.get(name)?.push(ms)
      else console.log(`${name}: no picture within ${TIMEOUT_MS} ms`)
    }
  }
} finally {
  await near.close()
  await far.close()
  await server.close()
}

const empty = median(results.get('empty page') as number[])
const rows = [...results].map(([name, all]) => [
  name,
  cell(percentile(all, 0.5)),
  cell(percentile(all, 0.95)),
  cell(percentile(all, 0.5) / empty, 2),
  `${all.length}`,
])
console.log(`\n${table(['navigation', 'p50 ms', 'p95 ms', '× empty page', 'n'], rows)}\n`)
for (const name of ['camera, cache warm', 'camera, cache cold'] as const)
  console.log(`${name}: p50: ${verdict(percentile(results.get(name) as number[], 0.5), BAR_MS, 0)} ms`)
console.log(machineQuiet.summary())
console.log(`
From the start of the navigation (performance.timeOrigin) to the first animation frame in which the canvas in
[data-camera] is not black; the browser is warm and signed in. A cold cache is a context of its own each time.
The references are the same server's /healthz: its first animation frame, and an answer over a WebSocket to /ws.`)
