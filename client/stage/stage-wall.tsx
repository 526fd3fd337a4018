import { type KeyboardEvent, useEffect, useRef } from 'react'
import { playerKey } from '../state/players.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { texts } from '../state/texts.ts'
import { usePlayers, useSize } from '../ui/hooks.ts'
import { type Rendition, useLivePlayer } from '../ui/live-picture.tsx'
import { type Box, boxTowards, stageLayout } from './layout.ts'
import type { Shown, Switches } from './projection.tsx'
import { Reactions } from './reactions.tsx'

/** CSS pixels between two pictures. */
const GAP = 10
/** With so few the wall shows each in full. */
const FEW = 2

interface StageWallProps {
  readonly shown: readonly Shown[]
  readonly spotlight: string | null
  readonly switches: Switches
  readonly onSpotlight: (camera: string) => void
}

/** Every camera of the stage, laid out so that all are in sight. */
export function StageWall({ shown, spotlight, switches, onSpotlight }: StageWallProps) {
  const wall = useRef<HTMLUListElement>(null)
  const size = useSize(wall)
  const boxes = size
    ? stageLayout(
        shown.length,
        size,
        GAP,
        shown.findIndex(({ camera }) => camera === spotlight),
      )
    : []

  const move = (event: KeyboardEvent) => {
    const buttons = [...(wall.current?.querySelectorAll<HTMLElement>('.projector-spot') ?? [])]
    const from = buttons.indexOf(document.activeElement as HTMLElement)
    const next = boxTowards(boxes, from, event.key)
    if (next === null) return
    event.preventDefault()
    buttons[next]?.focus()
  }
  // Whoever presses an arrow key first begins somewhere.
  useEffect(() => {
    const begin = (event: globalThis.KeyboardEvent) => {
      if (!event.key.startsWith('Arrow') || wall.current?.contains(document.activeElement)) return
      if (document.activeElement !== document.body && !document.activeElement?.matches('.projector')) return
      wall.current?.querySelector<HTMLElement>('.projector-spot')?.focus()
    }
    addEventListener('keydown', begin)
    return () => removeEventListener('keydown', begin)
  }, [])

  return (
    <section className="projector-wall" aria-label={stageTexts.wall}>
      <ul ref={wall} onKeyDown={move}>
        {boxes.length === shown.length &&
          shown.map((participant, i) => (
            <StageTile
              key={participant.camera}
              participant={participant}
              box={boxes[i] as Box}
              large={participant.camera === spotlight}
              rendition={participant.camera === spotlight || shown.length <= FEW ? 'full' : 'thumb'}
              switches={switches}
              onSpotlight={onSpotlight}
            />
          ))}
      </ul>
      <Reactions shown={shown} boxes={boxes} />
    </section>
  )
}

interface StageTileProps {
  readonly participant: Shown
  readonly box: Box
  readonly large: boolean
  readonly rendition: Rendition
  readonly switches: Switches
  readonly onSpotlight: (camera: string) => void
}

function StageTile({ participant, box, large, rendition, switches, onSpotlight }: StageTileProps) {
  const { camera, name, state } = participant
  const host = useRef<HTMLDivElement>(null)
  const player = useLivePlayer(host, { camera, place: 'tile', rendition, wanted: !switches.black })
  const showing = usePlayers((players) => ['live', 'behind'].includes(players[playerKey(camera, 'tile')]?.status.state ?? ''))
  const hearing = switches.sound && large
  useEffect(() => player?.setMotion(switches.automatic), [player, switches.automatic])
  useEffect(() => player?.setAudio(hearing), [player, hearing])
  const { x, y, width, height } = box
  return (
    <li
      className="projector-tile"
      data-camera={camera}
      data-large={large || undefined}
      data-state={state === 'away' ? 'away' : showing ? 'live' : 'waiting'}
      style={{ translate: `${x}px ${y}px`, width, height }}
    >
      <div ref={host} className="picture" role="img" aria-label={texts.pictureOf(name)} />
      <button
        type="button"
        className="projector-spot"
        aria-pressed={large}
        aria-label={large ? stageTexts.small(name) : stageTexts.large(name)}
        onClick={() => onSpotlight(camera)}
      />
      <p className="projector-name">
        <span>{name}</span>
        {!showing && <small>{state === 'away' ? stageTexts.away : stageTexts.noPicture}</small>}
      </p>
    </li>
  )
}
