import type { Stage } from '../../shared/model/stage.ts'
import { playerKey } from '../state/players.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { useCameras, usePlayers } from '../ui/hooks.ts'

/** How it runs: over all cameras of the stage. */
export function Statistics({ stage }: { stage: Stage }) {
  const cameras = stage.participants.flatMap(({ camera }) => camera ?? [])
  const views = usePlayers((state) => state)
  const viewers = useCameras(({ status }) => cameras.reduce((sum, camera) => sum + (status[camera]?.viewers ?? 0), 0))
  const statuses = cameras.flatMap((camera) => views[playerKey(camera, 'tile')]?.status ?? [])
  const showing = statuses.filter(({ state }) => state === 'live' || state === 'behind')
  const ages = showing.flatMap(({ age }) => age ?? []).sort((a, b) => a - b)
  const pictures = showing.reduce((sum, { fps }) => sum + fps, 0)
  const kbps = statuses.reduce((sum, { kbps }) => sum + kbps, 0)
  const text = stageTexts.statistics
  const facts: [string, string][] = [
    [text.phones, `${cameras.length}`],
    [text.waiting, `${stage.participants.filter(({ state }) => state === 'waiting').length}`],
    [text.viewers, `${viewers}`],
    [text.pictures, pictures.toFixed(0)],
    [text.each, showing.length > 0 ? `${(pictures / showing.length).toFixed(1)}/s` : text.none],
    [text.latency, inMilliseconds(ages[Math.floor(ages.length / 2)])],
    [text.slowest, inMilliseconds(ages.at(-1))],
    [text.rate, kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${kbps.toFixed(0)} kbit/s`],
  ]
  return (
    <dl className="projector-statistics" aria-label={text.label}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const inMilliseconds = (ms: number | undefined): string => (ms === undefined ? stageTexts.statistics.none : `${Math.round(ms)} ms`)
