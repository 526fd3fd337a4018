/** Bytes before the frame header that are looked through: comments, profiles and thumbnails stand there. */
const MAX_HEAD_BYTES = 256 * 1024
/** Pixels of one side. */
const MAX_SIDE = 16_384

export type JpegInfo =
  | { readonly ok: true; readonly width: number; readonly height: number }
  | { readonly ok: false; readonly detail: string }

const wrong = (detail: string): JpegInfo => ({ ok: false, detail })

/**
 * Size of a whole JPEG picture, off its frame header (ITU-T T.81 §B.2.2). Nothing is decoded: the browser does that; this
 * says that it is a picture of a size that can be shown, and not cut short.
 */
export function jpegInfo(bytes: Uint8Array): JpegInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return wrong('does not begin with the start of an image')
  let at = 2
  let size: JpegInfo | undefined
  while (!size) {
    if (at > MAX_HEAD_BYTES) return wrong('frame header is too far from the start')
    // Fill bytes may stand before a marker (§B.1.1.2).
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
    if (at + 4 > bytes.length || bytes[at] !== 0xff) return wrong('is cut short or broken before its frame header')
    const marker = bytes[at + 1] as number
    const length = view.getUint16(at + 2)
    if (length < 2) return wrong('has a segment without its length')
    // SOF0 to SOF15, but for DHT (C4), JPG (C8) and DAC (CC).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (length < 8 || at + 9 > bytes.length) return wrong('frame header is cut short')
      size = { ok: true, height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    } else if (marker === 0xda || marker === 0xd9) return wrong('has no frame header')
    at += 2 + length
  }
  if (size.ok && (size.width === 0 || size.height === 0 || size.width > MAX_SIDE || size.height > MAX_SIDE))
    return wrong(`sides must have 1 to ${MAX_SIDE} pixels, not ${size.width} × ${size.height}`)
  // Devices pad: the end of the image may be followed by a few zeros.
  let end = bytes.length
  while (end > at && bytes[end - 1] === 0) end--
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9 ? size : wrong('is cut short: it has no end of the image')
}
