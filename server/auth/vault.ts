import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../base/errors.ts'

/** Bytes of the key, of a nonce and of a tag (NIST SP 800-38D). */
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const FILE = 'secret.key'

/** A key file that cannot be used; says which, and the mend. */
export class VaultError extends ConfigError {}

/** Seals secrets that must be read again (AES-256-GCM), under a key that does not stand in the database. */
export class Vault {
  readonly #key: KeyObject
  readonly #decoys: KeyObject
  /** The key was made just now: nothing sealed before can be opened. */
  readonly isNew: boolean

  constructor(key: Uint8Array, isNew = true) {
    this.#key = createSecretKey(key)
    this.#decoys = createSecretKey(Buffer.from(hkdfSync('sha256', key, '', 'decoys', KEY_BYTES)))
    this.isNew = isNew
  }

  /** @param context what the secret is and whose: it opens as nothing else */
  seal(text: string, context: string): Buffer {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context))
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws VaultError when it was sealed under another key or for another context */
  open(sealed: Buffer, context: string): string {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
    } catch (error) {
      throw new VaultError(`${FILE} does not open what the database keeps`, { cause: error })
    }
  }

  /** A hash of a text under the vault's key: tells same from other, and is worth nothing to who has the database. */
  hash(text: string, context: string): string {
    return createHmac('sha256', this.#decoys)
      .update(JSON.stringify([context, text]))
      .digest('base64url')
  }

  /** What always looks the same for who does not exist: a salt, a secret. */
  decoy(context: string): Buffer {
    return createHmac('sha256', this.#decoys).update(context).digest()
  }
}

/**
 * The vault of a data directory; its key is made at first start.
 * @param folder undefined: a key that nobody keeps
 * @throws VaultError
 */
export function openVault(folder: string | undefined): Vault {
  if (folder === undefined) return new Vault(randomBytes(KEY_BYTES))
  const path = join(folder, FILE)
  const kept = read(path)
  if (kept) return new Vault(kept, false)
  // Written aside and linked: a start that is killed half-way leaves no half key, and of two starts one wins.
  const draft = `${path}.${process.pid}`
  const file = openSync(draft, 'w', 0o600)
  try {
    writeSync(file, randomBytes(KEY_BYTES))
    fsyncSync(file)
    closeSync(file)
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return new Vault(read(path) as Buffer)
}

function read(path: string): Buffer | undefined {
  let key: Buffer
  try {
    key = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new VaultError(`${path} cannot be read: ${(error as Error).message}`)
  }
  if (key.length !== KEY_BYTES)
    throw new VaultError(`${path} has ${key.length} bytes, not ${KEY_BYTES}; put back the one that belongs here`)
  return key
}
