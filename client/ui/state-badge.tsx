import { Eye } from 'lucide-react'
import type { Display } from '../state/display.ts'
import { clockTime } from '../state/format.ts'
import { texts } from '../state/texts.ts'
import './picture.css'

/** The state in one word or time, with a dot in its colour. */
export function StateBadge({ display: { state, since } }: { display: Display }) {
  return (
    <span className="badge" data-state={state} title={texts.stateHints[state]}>
      <span className="dot" aria-hidden="true" />
      <span className="badge-text">
        {texts.states[state]}
        {state === 'offline' && since !== null && <span className="since"> {texts.since(clockTime(since, Date.now()))}</span>}
      </span>
    </span>
  )
}

export const stateText = (state: Display['state'], since: number | null): string =>
  state === 'offline' && since !== null ? `${texts.states.offline} ${texts.since(clockTime(since, Date.now()))}` : texts.states[state]

export function Viewers({ count }: { count: number }) {
  return (
    <span className="viewers" title={texts.watching(count)}>
      <Eye aria-hidden="true" />
      <span aria-hidden="true">{count}</span>
      <span className="hidden">{texts.watching(count)}</span>
    </span>
  )
}
