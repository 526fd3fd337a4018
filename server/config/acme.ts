import Type, { type Static } from 'typebox'
import type { AcmeAccount } from '../door/acme-order.ts'

/** Let's Encrypt. */
const DIRECTORY = 'https://acme-v02.api.letsencrypt.org/directory'
/** A host name with a dot (RFC 1123 §2.1); international ones in their ASCII form. */
const NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/

/** `acme` of the configuration file. */
export const AcmeSchema = Type.Object(
  {
    names: Type.Optional(Type.Array(Type.String())),
    email: Type.Optional(Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@,?]+@[^\\s@,?]+$' })),
    directory: Type.Optional(Type.String()),
    externalAccount: Type.Optional(
      Type.Object({ kid: Type.String({ minLength: 1 }), hmacKey: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
)
export type AcmeOptions = Static<typeof AcmeSchema>

/**
 * What a certificate is ordered for.
 * @throws Error that names the key and the mend
 */
export function acmeAccount(options: AcmeOptions, publicUrl: URL | undefined): AcmeAccount {
  const { directory = DIRECTORY, email, externalAccount } = options
  if (!URL.canParse(directory) || new URL(directory).protocol !== 'https:')
    throw new Error(`acme.directory is ${JSON.stringify(directory)}; say the https address of an authority's directory`)
  if (publicUrl && publicUrl.protocol !== 'https:')
    throw new Error(`a certificate is of no use at --public-url ${publicUrl.href}; say https, or leave --acme out`)
  const names = (options.names ?? (publicUrl ? [publicUrl.hostname] : [])).map((name) => name.toLowerCase())
  if (names.length === 0)
    throw new Error('a certificate needs a name: say --public-url https://NAME, or acme.names in the configuration file')
  const wrong = names.find((name) => !NAME.test(name))
  if (wrong !== undefined)
    throw new Error(
      `${options.names ? 'acme.names' : '--public-url'} says ${wrong}; an authority vouches for names like camera.example.org only`,
    )
  return { directory, names: [...new Set(names)], email, externalAccount }
}
