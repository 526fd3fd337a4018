import { type RefObject, useEffect, useLayoutEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import type { Role } from '../../shared/model/session.ts'
import { may } from '../state/session.ts'
import { cameras, install, notices, overlays, players, publishing, session, theme } from '../state/stores.ts'

/** The thin hooks over the stores: a component sees only what its selector picks. */
const hook =
  <S>(store: StoreApi<S>) =>
  <T>(selector: (state: S) => T): T =>
    useStore(store, selector)

export const useCameras = hook(cameras.store)
export const useInstall = hook(install.store)
export const useNotices = hook(notices.store)
export const useOverlays = hook(overlays.store)
export const usePlayers = hook(players.store)
export const usePublishing = hook(publishing.store)
export const useSession = hook(session.store)
export const useTheme = hook(theme.store)

/** Whether the signed-in user may do what a role may. */
export const useMay = (role: Role): boolean => useSession((state) => may(state.session, role))

/** The time, ms since the Unix epoch, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** The content box of an element in CSS pixels; null before it is laid out. */
export function useSize(ref: RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const measure = () => {
      const style = getComputedStyle(element)
      const across = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight)
      const down = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom)
      setSize({ width: element.clientWidth - across, height: element.clientHeight - down })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return size
}

/** Whether an element is on the screen; `assumed` before that is known. */
export function useOnScreen(ref: RefObject<HTMLElement | null>, assumed: boolean): boolean {
  const [onScreen, setOnScreen] = useState(assumed)
  useEffect(() => {
    const element = ref.current
    if (!element) return
    const observer = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false))
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return onScreen
}

/** Tries again what failed while the server was away, when it is back. What failed while it is there is its user's to try again. */
export function useAgain(failed: boolean, again: () => Promise<void>): void {
  const isBack = useCameras(({ feed }) => feed === 'open')
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the server comes back, and not when something fails
  useEffect(() => {
    if (failed && isBack) void again()
  }, [isBack])
}

/** The page's title while the component is there. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}
