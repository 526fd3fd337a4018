import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from '@playwright/test'
import type { RunningServer } from './server.ts'

const contexts: BrowserContext[] = []

/** Ends what a story opened: what goes on playing would slow down the next one. */
export async function closePages(): Promise<void> {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
}

/** A page of the dashboard, signed in as the owner. */
export async function openDashboard(
  browser: Browser,
  server: RunningServer,
  path = '/',
  options: BrowserContextOptions = {},
): Promise<Page> {
  const [name = '', value = ''] = server.cookie.split('=')
  return open(browser, server, path, options, [{ name, value, url: server.url }])
}

/** A page of somebody who is not signed in. */
export const openStranger = (browser: Browser, server: RunningServer, path: string, options: BrowserContextOptions = {}): Promise<Page> =>
  open(browser, server, path, options, [])

async function open(
  browser: Browser,
  server: RunningServer,
  path: string,
  options: BrowserContextOptions,
  cookies: Parameters<BrowserContext['addCookies']>[0],
): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, ...options })
  contexts.push(context)
  await context.addCookies(cookies)
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) throw new Error(message.text())
  })
  await page.goto(path)
  return page
}

/** Presses "Use this camera", names it and starts. @returns the camera's id */
export async function useThisCamera(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Use this camera' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog.getByRole('button', { name: 'Start camera' }).click()
  await expect(dialog).toHaveCount(0)
  const bar = page.locator('[data-publishing]')
  await expect(bar).toBeVisible()
  return (await bar.getAttribute('data-publishing')) as string
}

export interface Look {
  readonly width: number
  readonly height: number
  /** Mean of all channels, 0–255. */
  readonly mean: number
  /** Changes when the picture does. */
  readonly hash: number
}

/** What the canvas of a camera shows now; undefined when there is none. */
export const lookAt = (page: Page, camera: string): Promise<Look | undefined> =>
  page.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`[data-camera="${CSS.escape(id)}"] canvas`)
    if (!canvas || canvas.width === 0) return undefined
    const probe = new OffscreenCanvas(64, 36)
    const context = probe.getContext('2d', { willReadFrequently: true })
    context?.drawImage(canvas, 0, 0, 64, 36)
    const { data } = context?.getImageData(0, 0, 64, 36) ?? { data: [] }
    let sum = 0
    let hash = 0
    for (const value of data) {
      sum += value
      hash = (hash * 31 + value) | 0
    }
    return { width: canvas.width, height: canvas.height, mean: sum / data.length, hash }
  }, camera)

/** Waits until a camera's picture moves: a picture, then three others. */
export async function expectMoving(page: Page, camera: string, timeout = 15_000): Promise<Look> {
  const seen = new Set<number>()
  let last: Look | undefined
  await expect
    .poll(
      async () => {
        last = await lookAt(page, camera)
        // An untouched canvas is 300×150 and black with no alpha or transparent: its mean is 63.75 or 0.
        if (last && last.mean > 70) seen.add(last.hash)
        return seen.size
      },
      { timeout, intervals: [100], message: `${camera} moves` },
    )
    .toBeGreaterThan(3)
  return last as Look
}

/** A measurement of the camera page as a number. */
export const factOf = async (page: Page, fact: string): Promise<number> =>
  Number.parseFloat((await page.locator(`[data-fact="${fact}"] dd`).textContent()) ?? '')
