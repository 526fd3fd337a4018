import { texts } from '../../state/texts.ts'
import { DialogFrame } from './frame.tsx'

export function HelpDialog({ open }: { open: boolean }) {
  return (
    <DialogFrame open={open} title={texts.help.title}>
      <dl className="keys">
        {texts.help.keys.map(([key, meaning]) => (
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
