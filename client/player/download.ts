/** Milliseconds that a download keeps its bytes: it has its own hold of them once it began. */
const HOLD_MS = 10_000

/** Saves bytes under a name. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), HOLD_MS)
}

/** What a saved picture of a camera is called: of its name what every file system takes. */
export const pictureFile = (camera: string): string => `${camera.replace(/[^\p{L}\p{N} _-]+/gu, '') || 'porthole'}.jpg`
