import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Pixels under which a page is small: its colours are the large one's, and looked at once. */
const SMALL = 600

/** Fails when the page, as it stands, light or dark, has findings that axe calls serious or critical. @param what names it in the message */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const isSmall = (page.viewportSize()?.width ?? SMALL) < SMALL
  for (const colorScheme of isSmall ? (['dark'] as const) : (['light', 'dark'] as const)) {
    await page.emulateMedia({ colorScheme })
    expect(await graveFindings(page), `${what}, ${colorScheme}`).toEqual([])
  }
}

async function graveFindings(page: Page): Promise<string[]> {
  // What fades in or out has colours of no meaning.
  await page.evaluate(async () => {
    const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
    await Promise.all(ends.map(({ finished }) => finished.catch(() => {})))
  })
  // The component library's guards pass the focus on where a dialog or menu begins and ends: nobody's focus stays on them.
  const guards = '[data-base-ui-focus-guard]'
  // Legacy: no second page is opened to collect frames, of which there are none.
  const { violations } = await new AxeBuilder({ page }).exclude(guards).setLegacyMode().analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return grave.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}
