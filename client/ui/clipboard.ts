import { appUrl, notices, overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'

export const cameraLink = (id: string): string => appUrl(`camera/${encodeURIComponent(id)}`).href

/** Copies a camera's link; where the browser refuses (a page that is not secure), shows it for copying by hand. */
export async function copyLink(id: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(cameraLink(id))
    notices.add({ text: texts.notices.linkCopied })
  } catch {
    overlays.openDialog({ kind: 'link', camera: id })
  }
}
