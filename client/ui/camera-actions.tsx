import { ImageDown, Link2, Maximize, Minimize, Share2, Volume2, VolumeX } from 'lucide-react'
import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react'
import { download } from '../player/download.ts'
import type { Player } from '../player/types.ts'
import { snapshotName } from '../state/format.ts'
import { notices, overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { copyLink } from './clipboard.ts'
import { IconButton } from './controls.tsx'
import { onFullScreen } from './full-screen.ts'
import { useMay } from './hooks.ts'
import { useShortcuts } from './keyboard.ts'

interface CameraActionsProps {
  readonly id: string
  readonly player: Player | null
  readonly hasAudio: boolean
  /** What fills the screen. */
  readonly stage: RefObject<HTMLElement | null>
}

/** What one can do with a live picture. */
export function CameraActions({ id, player, hasAudio, stage }: CameraActionsProps) {
  const [sound, setSound] = useState(false)
  const full = useSyncExternalStore(onFullScreen, () => document.fullscreenElement !== null)

  // A new player is silent, as every player is at first.
  useEffect(() => {
    if (player) setSound(false)
  }, [player])

  const mayShare = useMay('operator')
  const toggleSound = () => {
    if (!hasAudio || !player) return false
    player.setAudio(!sound)
    setSound(!sound)
    return true
  }
  const toggleFullScreen = () => void (full ? document.exitFullscreen() : stage.current?.requestFullscreen())
  const save = () => void savePicture(id, player)
  useShortcuts({ m: toggleSound, f: document.fullscreenEnabled ? toggleFullScreen : undefined, s: save })

  return (
    <div className="camera-actions">
      {hasAudio && (
        <IconButton
          icon={sound ? Volume2 : VolumeX}
          label={sound ? texts.actions.soundOff : texts.actions.soundOn}
          aria-pressed={sound}
          onClick={toggleSound}
        />
      )}
      <IconButton icon={ImageDown} label={texts.actions.snapshot} onClick={save} />
      {mayShare ? (
        <IconButton icon={Share2} label={texts.actions.share} onClick={() => overlays.openDialog({ kind: 'share', camera: id })} />
      ) : (
        <IconButton icon={Link2} label={texts.actions.copyLink} onClick={() => void copyLink(id)} />
      )}
      {document.fullscreenEnabled && (
        <IconButton
          icon={full ? Minimize : Maximize}
          label={full ? texts.actions.leaveFullScreen : texts.actions.fullScreen}
          onClick={toggleFullScreen}
        />
      )}
    </div>
  )
}

/** The picture that is shown now, as a download. */
async function savePicture(id: string, player: Player | null): Promise<void> {
  try {
    if (!player) throw new Error('no player')
    download(await player.snapshot(), snapshotName(id, new Date()))
  } catch {
    notices.add({ kind: 'error', text: texts.notices.noPicture })
  }
}
