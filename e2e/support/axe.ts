import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Fails when the page, as it stands, has accessibility findings that axe calls serious or critical. @param what names it in the message */
export async function expectAccessible(page: Page, what: string): Promise<void> {
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
  const findings = grave.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
  expect(findings, what).toEqual([])
}
