import { createHash } from 'node:crypto'

/** Characters of an Authorization header; of one value in it. */
export const MAX_AUTHORIZATION_CHARS = 4096
const MAX_PARAMETERS = 24

/** Hashes of Digest, strongest first (RFC 7616 §6.1). MD5 is for old cameras, where it is switched on. */
export const DIGEST_HASHES = { 'SHA-256': 'sha256', MD5: 'md5' } as const
export type DigestHash = keyof typeof DIGEST_HASHES

/** What a client says in Digest (RFC 7616 §3.4). */
export interface DigestResponse {
  readonly user: string
  readonly realm: string
  readonly nonce: string
  /** The request's target, as the client sent it. */
  readonly uri: string
  /** Lower-case hex. */
  readonly response: string
  readonly hash: DigestHash
  /** The `-sess` variant. */
  readonly session: boolean
  /** Undefined in the form of RFC 2069, which has neither counter nor client nonce. */
  readonly count: { readonly nc: number; readonly cnonce: string } | undefined
}

export type Authorization =
  | { readonly type: 'basic'; readonly user: string; readonly password: string }
  | { readonly type: 'bearer'; readonly key: string }
  | ({ readonly type: 'digest' } & DigestResponse)
  | { readonly type: 'error'; readonly detail: string }

const wrong = (detail: string): Authorization => ({ type: 'error', detail })

/** An Authorization header (RFC 9110 §11.6.2): Basic (RFC 7617), Bearer (RFC 6750 §2.1) or Digest (RFC 7616). */
export function parseAuthorization(header: string): Authorization {
  if (header.length > MAX_AUTHORIZATION_CHARS) return wrong('Authorization is too long')
  const [, scheme = '', rest = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/.exec(header.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return parseBasic(rest)
    case 'bearer':
      return /^[A-Za-z0-9._~+/-]+=*$/.test(rest) ? { type: 'bearer', key: rest } : wrong('the bearer key has characters that none has')
    case 'digest':
      return parseDigest(rest)
    default:
      return wrong('the scheme is none of Basic, Digest, Bearer')
  }
}

function parseBasic(encoded: string): Authorization {
  if (!/^[A-Za-z0-9+/]+=*$/.test(encoded)) return wrong('Basic is not base64')
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  // RFC 7617 §2: control characters are in neither.
  if (colon < 0 || hasControls(text)) return wrong('Basic is not user:password')
  return { type: 'basic', user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function parseDigest(text: string): Authorization {
  const values = parameters(text)
  if (!values) return wrong('Digest is not a list of parameters')
  const { realm, nonce, uri, response, nc, cnonce, qop, algorithm = 'MD5', userhash = 'false' } = values
  if (userhash.toLowerCase() !== 'false') return wrong('Digest userhash was not offered')
  const user = values['username*'] === undefined ? values.username : extended(values['username*'])
  if (user === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined)
    return wrong('Digest lacks one of username, realm, nonce, uri, response')
  if (hasControls(user)) return wrong('Digest has control characters in its username')
  const [, name = '', session] = /^(.*?)(-sess)?$/i.exec(algorithm) ?? []
  const hash = (Object.keys(DIGEST_HASHES) as DigestHash[]).find((known) => known === name.toUpperCase())
  if (!hash) return wrong('Digest has an algorithm that was not offered')
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(response)) return wrong('Digest response is no hash')
  if (qop !== undefined && qop.toLowerCase() !== 'auth') return wrong('Digest qop was not offered')
  if (qop !== undefined && (cnonce === undefined || nc === undefined || !/^[0-9a-f]{8}$/i.test(nc)))
    return wrong('Digest qop needs cnonce, and nc of eight digits')
  if (qop === undefined && session) return wrong('Digest -sess needs qop')
  const count = qop === undefined ? undefined : { nc: Number.parseInt(nc as string, 16), cnonce: cnonce as string }
  return { type: 'digest', user, realm, nonce, uri, response: response.toLowerCase(), hash, session: session !== undefined, count }
}

/** `name=token, name="quoted \" string"` (RFC 9110 §11.2, §5.6.4); undefined when it is not that. */
function parameters(text: string): Record<string, string> | undefined {
  const values: Record<string, string> = Object.create(null)
  const pattern = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))\s*(?:,|$)/y
  for (let count = 0; pattern.lastIndex < text.length; count++) {
    const match = pattern.exec(text)
    if (!match || count >= MAX_PARAMETERS) return undefined
    const name = (match[1] as string).toLowerCase()
    if (name in values) return undefined
    values[name] = match[2] === undefined ? (match[3] as string) : match[2].replace(/\\(.)/g, '$1')
  }
  return values
}

/** `UTF-8''na%C3%AFve` (RFC 8187 §3.2.1). */
function extended(value: string): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value) ?? []
  if (encoded === undefined) return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControls = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)

const hashOf = (hash: DigestHash, ...parts: readonly string[]) => createHash(DIGEST_HASHES[hash]).update(parts.join(':')).digest('hex')

/** What Digest stores instead of a password: as good as the password in its realm (RFC 7616 §3.4.2). */
export const digestSecret = (hash: DigestHash, user: string, realm: string, password: string): string => hashOf(hash, user, realm, password)

/**
 * The response that is right (RFC 7616 §3.4.1).
 * @param secret of `digestSecret`
 * @param first the cnonce that a `-sess` key was made with, where it is not this response's
 */
export function digestResponse(
  secret: string,
  method: string,
  { hash, session, nonce, uri, count }: Pick<DigestResponse, 'hash' | 'session' | 'nonce' | 'uri' | 'count'>,
  first = count?.cnonce,
): string {
  const a2 = hashOf(hash, method, uri)
  if (!count) return hashOf(hash, secret, nonce, a2)
  const a1 = session ? hashOf(hash, secret, nonce, first ?? '') : secret
  return hashOf(hash, a1, nonce, count.nc.toString(16).padStart(8, '0'), count.cnonce, 'auth', a2)
}
