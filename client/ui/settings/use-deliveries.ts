import { useCallback, useEffect, useRef, useState } from 'react'
import type { Delivery } from '../../../shared/model/webhook.ts'
import { renewed, type Shown, withChanged, withOlder } from '../../state/deliveries.ts'
import { call } from '../../state/stores.ts'
import { attempt } from './attempt.ts'
import type { Asked } from './use-asked.ts'

/** Deliveries asked for at once, and the most when as many are shown. */
const PAGE = 50
const MAX_PAGE = 1000

export interface DeliveryLog extends Asked<Shown> {
  readonly showOlder: () => Promise<void>
  /** One of them is another by now. */
  readonly change: (delivery: Delivery) => void
}

/** The delivery log of one webhook; what is asked again is all that is shown. */
export function useDeliveries(webhook: string): DeliveryLog {
  const [state, setState] = useState<{ data: Shown | undefined; error: unknown }>({ data: undefined, error: null })
  const shown = useRef(state.data)
  const set = useCallback((data: Shown) => {
    shown.current = data
    setState({ data, error: null })
  }, [])
  const reload = useCallback(async () => {
    const limit = Math.min(Math.max(shown.current?.deliveries.length ?? 0, PAGE), MAX_PAGE)
    try {
      const page = await call('porthole.webhook.deliveries', { webhook, limit })
      set(renewed(shown.current, page))
    } catch (error) {
      setState(({ data }) => ({ data, error }))
    }
  }, [webhook, set])
  useEffect(() => void reload(), [reload])
  return {
    ...state,
    reload,
    showOlder: async () => {
      const before = shown.current
      if (!before?.next) return
      const { next: cursor } = before
      await attempt(async () => {
        const page = await call('porthole.webhook.deliveries', { webhook, cursor, limit: PAGE })
        // Where the newest came meanwhile, and what is shown still ends there.
        if (shown.current?.next === cursor) set(withOlder(shown.current, page))
      })
    },
    change: (delivery) => shown.current && set(withChanged(shown.current, delivery)),
  }
}
