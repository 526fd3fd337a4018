import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'

/** A certificate (with its chain) and its private key, as PEM. */
export interface KeyPair {
  readonly key: string
  readonly cert: string
}

/** Whether the certificate is valid for all these host names and IP addresses. */
export function covers({ cert }: KeyPair, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert)
  return names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
}

/** A pair that was kept and belongs together, or undefined. */
export async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  try {
    const [key, cert] = await Promise.all([
      readFile(join(directory, `${name}.key`), 'utf8'),
      readFile(join(directory, `${name}.pem`), 'utf8'),
    ])
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { key, cert } : undefined
  } catch (error) {
    // Not there, or cut short: made anew. What cannot be read for another reason must not be overwritten.
    if ((error as NodeJS.ErrnoException).syscall && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** Keeps a pair. A process that ends between its two files leaves one that does not belong together, which is no pair. */
export async function writePair(directory: string, name: string, { key, cert }: KeyPair): Promise<void> {
  await writeSecret(join(directory, `${name}.key`), key)
  await writeSecret(join(directory, `${name}.pem`), cert)
}

/** A file that its owner alone may read, whole or not at all. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
}
