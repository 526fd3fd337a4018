import {
  Activity,
  ArrowLeft,
  CircleQuestionMark,
  EyeOff,
  type LucideIcon,
  Maximize,
  Minimize,
  QrCode,
  Sparkles,
  Users,
  Volume2,
  VolumeX,
} from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { useLocation } from 'wouter'
import { stageTexts } from '../state/stage-texts.ts'
import { overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { IconButton } from '../ui/controls.tsx'
import { onFullScreen } from '../ui/full-screen.ts'
import type { Switches } from './projection.tsx'

interface ToolsProps {
  readonly switches: Switches
  readonly onToggle: (name: keyof Switches) => void
  /** Phones in the lobby. */
  readonly waiting: number
}

/** What one can do to the projection; it goes when nobody moves. */
export function Tools({ switches, onToggle, waiting }: ToolsProps) {
  const full = useSyncExternalStore(onFullScreen, () => document.fullscreenElement !== null)
  const [, navigate] = useLocation()
  const text = stageTexts.tools
  const tool = (name: keyof Switches, icon: LucideIcon, label: string) => (
    <IconButton icon={icon} label={label} aria-pressed={switches[name]} onClick={() => onToggle(name)} />
  )
  return (
    <div className="projector-tools" role="toolbar" aria-label={text.label} data-waiting={waiting > 0 || undefined}>
      <IconButton icon={ArrowLeft} label={text.leave} onClick={() => navigate('/')} />
      {tool('qr', QrCode, text.qr)}
      {tool('automatic', Sparkles, text.automatic)}
      {tool('sound', switches.sound ? Volume2 : VolumeX, text.sound)}
      {tool('statistics', Activity, text.statistics)}
      {tool('black', EyeOff, text.black)}
      {document.fullscreenEnabled && (
        <IconButton
          icon={full ? Minimize : Maximize}
          label={full ? texts.actions.leaveFullScreen : text.fullScreen}
          onClick={toggleFullScreen}
        />
      )}
      <IconButton icon={CircleQuestionMark} label={text.help} onClick={() => overlays.openDialog({ kind: 'help', ...stageTexts.help })} />
      <IconButton
        icon={Users}
        className={waiting > 0 ? 'hinted' : ''}
        label={waiting > 0 ? text.waiting(waiting) : text.panel}
        aria-pressed={switches.panel}
        onClick={() => onToggle('panel')}
      />
    </div>
  )
}

export const toggleFullScreen = (): void =>
  void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())
