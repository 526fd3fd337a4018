import { type CSSProperties, type KeyboardEvent, useEffect, useRef } from 'react'
import { texts } from '../state/texts.ts'
import { AccountButton, Brand, Header, StageLink, UseCameraButton } from './header.tsx'
import { useCameras, useSize, useTitle } from './hooks.ts'
import { Landing } from './landing.tsx'
import { lastCamera } from './navigation.ts'
import { Tile } from './tile.tsx'
import { neighbour, wallLayout } from './wall-layout.ts'
import './wall.css'

/** Pixels between two tiles; `--gap` of the wall. */
const GAP = 12
/** A tile wider than this, in CSS pixels, shows the full picture: there are few of them, and the small one would blur. */
const THUMB_WIDTH = 640
/** Tiles drawn in outline until the cameras are known. */
const SKELETONS = ['a', 'b', 'c', 'd']

/** All cameras at once. */
export function Wall() {
  const loaded = useCameras((state) => state.loaded)
  const order = useCameras((state) => state.order)
  const live = useCameras((state) => state.order.filter((id) => state.status[id]?.state === 'live').length)
  const lost = useCameras(({ feed }) => feed === 'lost')
  useTitle(texts.product)
  return (
    <>
      <Header
        actions={
          <>
            <StageLink />
            {order.length > 0 && <UseCameraButton />}
            <AccountButton />
          </>
        }
      >
        <h1 className="header-brand">
          <Brand />
        </h1>
        {order.length > 0 && !lost && <span className="header-note">{texts.wall.count(order.length, live)}</span>}
      </Header>
      {loaded && order.length === 0 ? <Landing /> : <Tiles order={order} loaded={loaded} />}
    </>
  )
}

function Tiles({ order, loaded }: { order: readonly string[]; loaded: boolean }) {
  const main = useRef<HTMLElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const size = useSize(main)
  const shown = loaded ? order : SKELETONS
  const layout = size && wallLayout(shown.length, size, GAP)

  const rendition = shown.length === 1 || (layout && layout.tile > THUMB_WIDTH) ? 'full' : 'thumb'
  const laidOut = layout !== null
  useEffect(() => {
    // Who comes back from a camera stands where they left.
    const last = lastCamera()
    if (laidOut && last) list.current?.querySelector<HTMLElement>(`[data-camera="${CSS.escape(last)}"] .tile-link`)?.focus()
  }, [laidOut])

  const move = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !layout) return
    const links = [...(list.current?.querySelectorAll<HTMLElement>('.tile-link') ?? [])]
    const index = links.findIndex((link) => link.parentElement?.contains(document.activeElement))
    const next = neighbour(event.key, index, links.length, layout.columns)
    if (next === null) return
    event.preventDefault()
    links[next]?.focus()
  }

  return (
    <main ref={main} className="wall" aria-label={texts.wall.label} aria-busy={!loaded}>
      {layout && (
        <ul
          ref={list}
          className="tiles"
          style={{ '--columns': layout.columns, '--tile': `${layout.tile}px`, '--gap': `${GAP}px` } as CSSProperties}
          onKeyDown={move}
        >
          {shown.map((id) => (loaded ? <Tile key={id} id={id} rendition={rendition} /> : <li key={id} className="tile skeleton" />))}
        </ul>
      )}
      {!loaded && <p className="hidden">{texts.wall.loading}</p>}
    </main>
  )
}
