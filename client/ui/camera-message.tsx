import { Video } from 'lucide-react'
import { Link } from 'wouter'
import type { Camera } from '../../shared/model/camera.ts'
import { type Display, goneBecause } from '../state/display.ts'
import { ago, clockTime } from '../state/format.ts'
import { publishing } from '../state/stores.ts'
import { adviceFor, texts } from '../state/texts.ts'
import { Button } from './controls.tsx'
import { useCameras, useMay, useNow, usePublishing } from './hooks.ts'

/** Milliseconds between two looks at the clock for `5 minutes ago`. */
const CLOCK_MS = 10_000

/** What stands over the picture when there is none: why, and what to do. */
export function CameraMessage({ id, display }: { id: string; display: Display }) {
  const camera = useCameras((state) => state.cameras[id])
  const removed = useCameras((state) => state.removed[id])
  const loaded = useCameras((state) => state.loaded)
  if (display.state === 'ended' || (loaded && !camera && removed)) return <Gone display={display} removed={removed} />
  if (display.state === 'offline') return <Offline camera={camera} since={display.since} />
  if (display.state === 'live' || display.state === 'behind') return null
  return (
    <div className="stage-message waiting">
      <span className="spinner" aria-hidden="true" />
      <p>{texts.states[display.state]}…</p>
    </div>
  )
}

function Gone({ display, removed }: { display: Display; removed: Camera | undefined }) {
  const advice = adviceFor(display.code ?? (removed ? goneBecause(removed, Date.now()) : 'camera.deleted'))
  return (
    <div className="stage-message solid" role="alert">
      <h2>{advice.title}</h2>
      <p>{advice.text}</p>
      <Link href="/" className="button primary">
        <span>{texts.actions.back}</span>
      </Link>
    </div>
  )
}

function Offline({ camera, since }: { camera: Camera | undefined; since: number | null }) {
  const now = useNow(CLOCK_MS)
  const mayUse = useMay('operator')
  const mine = usePublishing((state) => state.camera === camera?.id)
  const browser = camera?.source.kind === 'browser'
  return (
    <div className="stage-message">
      <h2>{since === null ? texts.states.offline : texts.offlineFor(clockTime(since, now), ago(since, now))}</h2>
      {camera && <p>{texts.camera[`${camera.source.kind}Offline`]}</p>}
      {camera && browser && mayUse && !mine && (
        <Button className="primary" icon={Video} onClick={() => void publishing.start(camera.id, false)}>
          {texts.actions.useCameraHere}
        </Button>
      )}
    </div>
  )
}
