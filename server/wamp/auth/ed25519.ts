import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'

/** Bytes of a seed, of a public key and of a challenge; and of a signature (RFC 8032 §5.1). */
export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

/** What stands before the bytes of a private (PKCS #8) and a public key (SubjectPublicKeyInfo) in DER (RFC 8410 §§4, 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const HEX = /^[0-9a-fA-F]*$/

/** @returns undefined for what is no hexadecimal of so many bytes */
export const fromHex = (text: unknown, bytes: number): Buffer | undefined =>
  typeof text === 'string' && text.length === bytes * 2 && HEX.test(text) ? Buffer.from(text, 'hex') : undefined

const privateKey = (seed: Buffer) => createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })

/** @param seed 32 bytes */
export const publicKeyOf = (seed: Buffer): Buffer =>
  createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)

/** @param seed 32 bytes */
export const signed = (seed: Buffer, message: Buffer): Buffer => sign(null, message, privateKey(seed))

/** Whether a signature of 64 bytes is one by a key of 32 bytes, which may be no point of the curve. */
export function isSigned(key: Buffer, message: Buffer, signature: Buffer): boolean {
  try {
    return verify(null, message, createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }), signature)
  } catch {
    return false
  }
}
