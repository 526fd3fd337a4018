const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Map([...DIGITS].map((digit, value) => [digit.charCodeAt(0), value]))

/** Base64 with padding (RFC 4648 §4); written out since shared code has neither Buffer nor btoa. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += DIGITS.charAt(group >> 18) + DIGITS.charAt((group >> 12) & 63)
    text += b === undefined ? '=' : DIGITS.charAt((group >> 6) & 63)
    text += c === undefined ? '=' : DIGITS.charAt(group & 63)
  }
  return text
}

/** @returns undefined for what is no base64 with padding */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let at = 0, to = 0; at < text.length; at += 4) {
    let group = 0
    for (let i = 0; i < 4; i++) {
      const isPadding = at + i >= text.length - padding
      const value = isPadding ? 0 : VALUES.get(text.charCodeAt(at + i))
      if (value === undefined) return undefined
      group = (group << 6) | value
    }
    for (let shift = 16; shift >= 0 && to < bytes.length; shift -= 8) bytes[to++] = (group >> shift) & 255
  }
  return bytes
}
