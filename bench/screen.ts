import type { Page } from '@playwright/test'
import type { Bench, Sample } from './page/main.ts'

declare const bench: Bench

/** Pictures of the screen that are kept at most. */
const MAX_SHOTS = 2000
/** Quality of their JPEG: the code's cells are big. */
const QUALITY = 50

/**
 * Watches what the browser composes for the screen, picture by picture, with the time that it gives each (Chrome DevTools
 * Protocol, Page.startScreencast). Costs the browser a JPEG a frame: both ways are slower while it is watched.
 * @returns ends it, and gives the age of each picture of the camera when it was first composed
 */
export async function watchScreen(page: Page): Promise<() => Promise<Sample[]>> {
  const session = await page.context().newCDPSession(page)
  const shots: { at: number; jpeg: string }[] = []
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    if (metadata.timestamp && shots.length < MAX_SHOTS) shots.push({ at: metadata.timestamp * 1000, jpeg: data })
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => {})
  })
  await session.send('Page.startScreencast', { format: 'jpeg', quality: QUALITY })
  return async () => {
    await session.send('Page.stopScreencast')
    return page.evaluate((all) => bench.readShots(all), shots)
  }
}
