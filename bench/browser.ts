import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { build, type Plugin } from 'vite'
import { findBrowser } from '../scripts/browser.mjs'
import type { BenchServer } from './server.ts'

const OUT = join(tmpdir(), `porthole-bench-page-${process.pid}`)

/** The player's worker begins with a tap that tells when pictures are drawn; its own code is left alone. */
const tap: Plugin = {
  name: 'porthole-bench-tap',
  transform: (code, id) =>
    id.endsWith('/client/player/players-worker.ts')
      ? `import ${JSON.stringify(fileURLToPath(new URL('./page/tap.ts', import.meta.url)))}\n${code}`
      : undefined,
}

/** Builds the measuring page; its files are served on the server's own origin by the browser's interception. */
export async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('./page', import.meta.url)),
    build: { outDir: OUT, emptyOutDir: true, target: 'es2023' },
    worker: { format: 'es', plugins: () => [tap] },
  })
  process.once('exit', () => rmSync(OUT, { recursive: true, force: true }))
}

/** What every measured browser is started with. */
export const FLAGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream=fps=30',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  // Both ends of a WebRTC connection are pages of this machine: addresses need no hiding. An intercepted page counts as public.
  '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks',
  // A server at an address of a test network is as trusted as localhost: cameras need that.
  '--unsafely-treat-insecure-origin-as-secure=http://10.78.0.1:18080',
]

export async function launch(args: readonly string[] = [], options: { prefix?: string } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: options.prefix ?? (await browserPath()),
    args: [...FLAGS, ...args],
  })
}

/** The browser that is measured. */
export async function browserPath(): Promise<string> {
  const path = process.env.CHROME_PATH ?? (await findBrowser())
  if (!path) throw new Error('no Chrome or Chromium found; set CHROME_PATH')
  return path
}

/** A context that is signed in and has the measuring page at /bench/. */
export async function openContext(browser: Browser, server: BenchServer, pagePrefix = '/bench/'): Promise<BrowserContext> {
  const context = await browser.newContext()
  const [name = '', value = ''] = server.cookie.split('=')
  await context.addCookies([{ name, value, url: server.url }])
  const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css' }
  const serve = (path: string) => ({
    body: readFileSync(join(OUT, path)),
    contentType: types[path.split('.').at(-1) ?? ''] ?? 'text/plain',
  })
  await context.route(`${server.url}${pagePrefix}**`, (route) => route.fulfill(serve('index.html')))
  await context.route(`${server.url}/assets/**`, (route) => route.fulfill(serve(new URL(route.request().url()).pathname.slice(1))))
  return context
}

export async function openPage(context: BrowserContext, server: BenchServer): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`))
  await page.goto(`${server.url}/bench/`)
  await page.waitForFunction(() => 'bench' in globalThis)
  return page
}
