import { type CSSProperties, useEffect } from 'react'
import { stageTexts } from '../state/stage-texts.ts'
import type { Box } from './layout.ts'
import type { Shown } from './projection.tsx'
import type { FlyingReaction } from './projector-store.ts'
import { ReactionIcon } from './reaction-icon.tsx'
import './reactions.css'
import { projector, useProjector } from './use-projector.ts'

/** Milliseconds that a reaction is seen. */
const FLIGHT_MS = 3200

/** What the audience says, rising from the picture of who said it. */
export function Reactions({ shown, boxes }: { shown: readonly Shown[]; boxes: readonly Box[] }) {
  const reactions = useProjector((state) => state.reactions)
  return (
    <div className="reactions">
      {reactions.map((flying) => {
        const box = boxes[shown.findIndex(({ id }) => id === flying.participant)]
        return box && <Flight key={flying.n} flying={flying} box={box} />
      })}
    </div>
  )
}

function Flight({ flying, box }: { flying: FlyingReaction; box: Box }) {
  const { n, reaction } = flying
  useEffect(() => {
    const timer = setTimeout(() => projector.landed(n), FLIGHT_MS)
    return () => clearTimeout(timer)
  }, [n])
  // Not all from one point, nor straight up: the golden ratio spreads any number of them.
  const spread = (n * 0.618) % 1
  const style = {
    left: box.x + box.width * (0.2 + 0.6 * spread),
    top: box.y + box.height * 0.72,
    '--sway': `${Math.round((spread - 0.5) * 60)}px`,
    '--rise': `${-Math.max(90, Math.round(box.height * 0.6))}px`,
  } as CSSProperties
  return (
    <span className="flight" role="img" aria-label={stageTexts.reactions[reaction]} style={style}>
      <ReactionIcon reaction={reaction} />
    </span>
  )
}
