import type { Delivery } from '../../shared/model/webhook.ts'

/** The part of a delivery log that is shown: the newest, without a gap, and the cursor of what comes after. */
export interface Shown {
  readonly deliveries: readonly Delivery[]
  readonly next: string | null
}

/** What is shown when the newest page came again: it stands for what it covers, and what is older stays where it joins. */
export function renewed(shown: Shown | undefined, page: Shown): Shown {
  const end = numberOf(page.deliveries.at(-1))
  const joins = page.next !== null && numberOf(shown?.deliveries[0]) >= end
  const older = joins ? (shown?.deliveries ?? []).filter((delivery) => numberOf(delivery) < end) : []
  return older.length > 0 && shown ? { deliveries: [...page.deliveries, ...older], next: shown.next } : page
}

/** With the page that comes after. */
export const withOlder = (shown: Shown, page: Shown): Shown => ({
  deliveries: [...shown.deliveries, ...page.deliveries],
  next: page.next,
})

/** With one of them as it is by now. */
export const withChanged = (shown: Shown, changed: Delivery): Shown => ({
  ...shown,
  deliveries: shown.deliveries.map((delivery) => (delivery.id === changed.id ? changed : delivery)),
})

const numberOf = (delivery: Delivery | undefined): number => Number(delivery?.id ?? -1)
