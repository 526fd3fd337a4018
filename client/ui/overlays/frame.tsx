import { Dialog } from '@base-ui/react/dialog'
import { Menu } from '@base-ui/react/menu'
import { X } from 'lucide-react'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import type { Dialog as OpenDialog } from '../../state/overlays.ts'
import { overlays } from '../../state/stores.ts'
import { texts, wordsFor } from '../../state/texts.ts'
import { FormError } from '../field.tsx'

interface DialogFrameProps {
  readonly open: boolean
  readonly title: string
  /** What it asks, read out with the title. */
  readonly text?: string
  /** It goes by its buttons alone: what it shows does not come again. */
  readonly stays?: boolean
  readonly children: ReactNode
}

/** What every dialog has: backdrop, title, close button. */
export function DialogFrame({ open, title, text, stays = false, children }: DialogFrameProps) {
  const popup = useRef<HTMLDivElement>(null)
  // Where the focus goes back to; with its row gone, to the title of what it was in.
  const [origin] = useState(() => overlays.store.getState().origin)
  const [opener] = useState(() => origin ?? document.activeElement)
  const [home] = useState(() => opener?.closest('.panel')?.querySelector<HTMLElement>('h2'))
  const last = () => (opener?.isConnected ? (origin ?? true) : (home ?? true))
  const find = (what: string) => popup.current?.querySelector<HTMLElement>(what)
  // What is to be typed comes first (under a finger it would raise the keyboard over the dialog), else the way back.
  const first = (by: string) => (by === 'touch' ? true : (find('input:not([hidden])') ?? find('.dialog-buttons button') ?? true))
  const change = (next: boolean, { reason }: { readonly reason: string }) => {
    if (!next && !(stays && (reason === 'outside-press' || reason === 'escape-key'))) overlays.closeDialog()
  }
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup ref={popup} className="dialog" initialFocus={first} finalFocus={last}>
          <div className="dialog-head">
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label={texts.actions.close}>
              <X aria-hidden="true" />
            </Dialog.Close>
          </div>
          {text && <Dialog.Description>{text}</Dialog.Description>}
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

interface DialogFormProps {
  readonly submit: string
  /** What it does cannot be taken back. */
  readonly danger?: boolean
  /** The submit button while the answer is awaited. */
  readonly busy?: string
  /** Does it; what it throws is shown. Resolving closes the dialog, or opens the one that tells what came of it. */
  readonly onSubmit: ((form: FormData) => Promise<void>) | ((form: FormData) => Promise<OpenDialog | null>)
  /** What went wrong in words; null: that is said elsewhere. */
  readonly words?: (error: unknown) => string | null
  readonly children?: ReactNode
}

/** A dialog's form: one submission at a time, its error above the buttons. */
export function DialogForm({ submit, danger = false, busy = submit, onSubmit, words = wordsFor, children }: DialogFormProps) {
  const [working, setWorking] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const refusal = error === null ? null : words(error)
  const run = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setWorking(true)
    setError(null)
    try {
      const next = await onSubmit(new FormData(event.currentTarget))
      if (next) overlays.openDialog(next)
      else overlays.closeDialog()
    } catch (thrown) {
      setError(thrown)
    }
    setWorking(false)
  }
  return (
    <form className="dialog-form" onSubmit={(event) => void run(event)}>
      {children}
      {refusal !== null && <FormError>{refusal}</FormError>}
      <div className="dialog-buttons">
        <Dialog.Close className="button">
          <span>{texts.actions.cancel}</span>
        </Dialog.Close>
        <button type="submit" className={danger ? 'button danger' : 'button primary'} disabled={working}>
          <span>{working ? busy : submit}</span>
        </button>
      </div>
    </form>
  )
}

interface MenuFrameProps {
  readonly open: boolean
  readonly label: string
  /** The button it belongs to: it hangs there, and the focus goes back there. */
  readonly anchor: HTMLElement
  readonly children: ReactNode
}

export function MenuFrame({ open, label, anchor, children }: MenuFrameProps) {
  return (
    <Menu.Root open={open} modal={false} onOpenChange={(next) => !next && overlays.closeMenu()}>
      <Menu.Portal>
        <Menu.Positioner className="menu-positioner" anchor={anchor} side="bottom" align="end" sideOffset={6} collisionPadding={8}>
          <Menu.Popup className="menu" aria-label={label} finalFocus={() => (overlays.store.getState().dialog ? false : anchor)}>
            {children}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
