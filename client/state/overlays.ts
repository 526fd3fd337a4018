import { createStore } from 'zustand/vanilla'
import type { UserRole } from '../../shared/model/session.ts'
import type { Share } from '../../shared/model/share.ts'
import type { Webhook } from '../../shared/model/webhook.ts'

export type Dialog =
  | { readonly kind: 'use-camera' }
  | { readonly kind: 'rename'; readonly camera: string }
  | { readonly kind: 'link'; readonly camera: string }
  | { readonly kind: 'share'; readonly camera: string; readonly share?: Share }
  /** A new link, or what is said of one. */
  | { readonly kind: 'share-settings'; readonly camera: string; readonly share: Share | null; readonly onSaved: () => Promise<void> }
  | { readonly kind: 'password' }
  /** The dashboard's keys, or those of another page. */
  | { readonly kind: 'help'; readonly title?: string; readonly keys?: readonly (readonly [key: string, meaning: string])[] }
  | {
      readonly kind: 'confirm'
      readonly title: string
      readonly text: string
      readonly submit: string
      readonly danger?: boolean
      /** Does it. @returns the dialog that tells what came of it */
      readonly run: () => Promise<Dialog | null>
    }
  | {
      readonly kind: 'new-key'
      readonly placeholder: string
      readonly withRole: boolean
      /** @returns the secret, which is told once */
      readonly make: (key: { name: string; role: UserRole | undefined }) => Promise<string>
    }
  | {
      readonly kind: 'secret'
      readonly secret: string
      /** What it is the secret of; a key unless said. */
      readonly of?: 'key' | 'webhook'
      /** What may come after it. */
      readonly next?: { readonly label: string; readonly dialog: Dialog }
    }
  | { readonly kind: 'new-user'; readonly onAdded: () => Promise<void> }
  | { readonly kind: 'user-password'; readonly user: string; readonly onSet: () => Promise<void> }
  /** A new webhook, or what is said of one. */
  | { readonly kind: 'webhook'; readonly webhook: Webhook | null; readonly onSaved: () => Promise<void> }
  | { readonly kind: 'webhook-test'; readonly webhook: string; readonly url: string; readonly onTested: () => Promise<void> }

export type Menu =
  | { readonly kind: 'camera'; readonly camera: string; readonly anchor: HTMLElement }
  | { readonly kind: 'account'; readonly anchor: HTMLElement }
  | { readonly kind: 'webhook'; readonly webhook: Webhook; readonly anchor: HTMLElement; readonly onChanged: () => Promise<void> }

export interface OverlaysState {
  readonly dialog: Dialog | null
  readonly menu: Menu | null
  /** The button of the menu that the dialog was opened from: the focus goes back there. */
  readonly origin: HTMLElement | null
}

export type Overlays = ReturnType<typeof createOverlays>

/** The one dialog and the one menu that may be open. */
export function createOverlays() {
  const store = createStore<OverlaysState>(() => ({ dialog: null, menu: null, origin: null }))
  return {
    store,
    /** What comes after another dialog comes from where that came. */
    openDialog: (dialog: Dialog) =>
      store.setState((before) => ({ dialog, menu: null, origin: before.menu?.anchor ?? (before.dialog && before.origin) })),
    closeDialog: () => store.setState({ dialog: null }),
    openMenu: (menu: Menu) => store.setState({ menu }),
    closeMenu: () => store.setState({ menu: null }),
    isOpen: () => store.getState().dialog !== null || store.getState().menu !== null,
  }
}
