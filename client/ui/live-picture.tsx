import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createPlayer, liveUrl } from '../player/player.ts'
import type { Player } from '../player/types.ts'
import { type Place, playerKey } from '../state/players.ts'
import { players, session } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { useCameras, useOnScreen } from './hooks.ts'
import { lastCamera } from './navigation.ts'

export type Rendition = 'full' | 'thumb'

export interface LivePlayerOptions {
  readonly camera: string
  readonly place: Place
  readonly rendition: Rendition
  /** Whether a picture is wanted now. The player begins at the first time it is, and pauses while it is not. */
  readonly wanted: boolean
}

/**
 * One player in `host`, which React leaves empty. What the player says of itself goes to the players' store.
 */
export function useLivePlayer(host: RefObject<HTMLElement | null>, { camera, place, rendition, wanted }: LivePlayerOptions): Player | null {
  const [player, setPlayer] = useState<Player | null>(null)
  const [begun, setBegun] = useState(wanted)
  const attempt = useAttempt(camera, place)
  if (wanted && !begun) setBegun(true)

  // Before the paint: a picture that was begun ahead moves in without being away for a frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another player, another rendition is not
  useLayoutEffect(() => {
    if (!begun || !host.current) return
    const key = playerKey(camera, place)
    const player = createPlayer({
      url: liveUrl(camera),
      host: host.current,
      rendition,
      onStatus: (status) => {
        if (status.error?.code === 'auth.required') void session.check()
        players.update(key, status)
      },
    })
    setPlayer(player)
    return () => {
      player.close()
      players.remove(key)
      setPlayer(null)
    }
  }, [host, camera, place, begun, attempt])

  useEffect(() => player?.setRendition(rendition), [player, rendition])
  useEffect(() => player?.setPaused(!wanted), [player, wanted])
  return player
}

/** Grows when a camera whose player ended is there again: a deletion was undone. */
function useAttempt(camera: string, place: Place): number {
  const appeared = useCameras((state) => state.appeared[camera] ?? 0)
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at whenever the camera appears, and only then
  useEffect(() => {
    if (players.store.getState()[playerKey(camera, place)]?.status.state === 'ended') setAttempt((before) => before + 1)
  }, [appeared])
  return attempt
}

/** A live picture that runs while it is on the screen. */
export function TilePicture({ camera, name, rendition }: { camera: string; name: string; rendition: Rendition }) {
  const host = useRef<HTMLDivElement>(null)
  // Who comes back from a camera stands at its tile: its picture waits for no measuring.
  const wanted = useOnScreen(host, lastCamera() === camera)
  useLivePlayer(host, { camera, place: 'tile', rendition, wanted })
  return <div ref={host} className="picture" role="img" aria-label={texts.pictureOf(name)} />
}
