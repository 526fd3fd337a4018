import { Flame, Heart, Laugh, type LucideIcon, PartyPopper, Star, ThumbsUp } from 'lucide-react'
import type { Reaction } from '../../shared/protocol/stage.ts'
import './reaction-icon.css'

/** Drawn, so that they look the same on every machine, with emoji in its fonts or without. */
const ICONS: Record<Reaction, { readonly Icon: LucideIcon; readonly name: string }> = {
  '👍': { Icon: ThumbsUp, name: 'thumb' },
  '❤️': { Icon: Heart, name: 'heart' },
  '😂': { Icon: Laugh, name: 'laugh' },
  '🎉': { Icon: PartyPopper, name: 'party' },
  '🔥': { Icon: Flame, name: 'fire' },
  '⭐': { Icon: Star, name: 'star' },
}

export function ReactionIcon({ reaction }: { reaction: Reaction }) {
  const { Icon, name } = ICONS[reaction]
  return (
    <span className="reaction" data-reaction={name} aria-hidden="true">
      <Icon />
    </span>
  )
}
