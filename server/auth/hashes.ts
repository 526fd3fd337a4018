import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What a random secret (a session's token, a key) is stored and known as; random enough that no slow hash is needed. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** A hash of texts under a key of this process: tells same from other, and is worth nothing outside. */
export function keyedHash(): (...texts: readonly string[]) => string {
  const key = randomBytes(32)
  // As JSON: no two lists of texts are the same.
  return (...texts) => createHmac('sha256', key).update(JSON.stringify(texts)).digest('base64')
}
