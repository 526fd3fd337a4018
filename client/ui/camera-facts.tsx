import { age, bitRate, codecName, frameRate } from '../state/format.ts'
import { playerKey } from '../state/players.ts'
import { texts } from '../state/texts.ts'
import { useCameras, usePlayers } from './hooks.ts'

/** Milliseconds at the top of the age curve, at least: a good link must not look like mountains. */
const CURVE_MS = 80

/** What is measured of the picture. No live region: it changes several times a second. */
export function CameraFacts({ id }: { id: string }) {
  const view = usePlayers((state) => state[playerKey(id, 'page')])
  const viewers = useCameras((state) => state.status[id]?.viewers)
  const status = view?.status
  const showing = status?.state === 'live' || status?.state === 'behind'
  const none = texts.facts.none
  const facts: readonly (readonly [name: string, label: string, value: string])[] = [
    ['fps', texts.facts.fps, showing ? frameRate(status.fps) : none],
    ['rate', texts.facts.rate, showing ? bitRate(status.kbps) : none],
    ['size', texts.facts.size, showing && status.width > 0 ? `${status.width} × ${status.height}` : none],
    ['codec', texts.facts.codec, showing && status.codec ? codecName(status.codec) : none],
    ['gaps', texts.facts.gaps, status ? String(status.gaps) : none],
    ['viewers', texts.facts.viewers, viewers === undefined ? none : String(viewers)],
  ]
  return (
    <dl className="facts" aria-label={texts.facts.label}>
      <div className="fact-age" data-fact="age">
        <dt>{texts.facts.age}</dt>
        <dd>{showing && status.age !== null ? age(status.age) : none}</dd>
        <AgeCurve ages={view?.ages ?? []} />
      </div>
      {facts.map(([name, label, value]) => (
        <div key={name} data-fact={name}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The last ages as a line, the newest at the right edge; it breaks where no picture came. */
function AgeCurve({ ages }: { ages: readonly (number | null)[] }) {
  const top = Math.max(CURVE_MS, ...ages.map((age) => age ?? 0))
  const points = ages.map((age, i) => (age === null ? null : `${90 - ages.length + i + 1} ${(23 - (age / top) * 22).toFixed(1)}`))
  const path = points.map((point, i) => (point === null ? '' : `${i > 0 && points[i - 1] !== null ? 'L' : 'M'}${point}`)).join('')
  return (
    <svg className="curve" viewBox="0 0 90 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
