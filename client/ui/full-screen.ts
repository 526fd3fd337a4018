/** Tells when something fills the screen, or no more; for `useSyncExternalStore`. */
export function onFullScreen(changed: () => void): () => void {
  document.addEventListener('fullscreenchange', changed)
  return () => document.removeEventListener('fullscreenchange', changed)
}
