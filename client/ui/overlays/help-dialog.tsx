import type { Dialog } from '../../state/overlays.ts'
import { texts } from '../../state/texts.ts'
import { DialogFrame } from './frame.tsx'

export function HelpDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'help' }> }) {
  const { title, keys } = { ...texts.help, ...dialog }
  return (
    <DialogFrame open={open} title={title}>
      <dl className="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </DialogFrame>
  )
}
