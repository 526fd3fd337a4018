/** First byte of a whole message in one unmasked frame, as a server sends it (RFC 6455 §5.2). */
export const FIN_TEXT = 0x81
export const FIN_BINARY = 0x82

/** Bytes before a payload of so many. */
export const headBytes = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

export function writeHead(target: Buffer, first: typeof FIN_TEXT | typeof FIN_BINARY, length: number): void {
  target[0] = first
  if (length < 126) target[1] = length
  else if (length < 65_536) {
    target[1] = 126
    target.writeUInt16BE(length, 2)
  } else {
    target[1] = 127
    target.writeBigUInt64BE(BigInt(length), 2)
  }
}
