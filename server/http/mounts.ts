import { randomBytes } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import Type, { type Static } from 'typebox'
import type { Role } from '../../shared/model/session.ts'
import { decodedPath, isHost } from '../base/address.ts'

/** First segments of Porthole's own addresses, now and by design: nothing is mounted over them. */
const RESERVED = [
  ...['api', 'assets', 'camera', 'docs', 'embed', 'embed.js', 'healthz', 'join', 'live', 'metrics', 'oembed', 'readyz'],
  ...['share', 'stage', 'trust', 'upload', 'ws'],
]

/** A place of the address space that somebody else serves. */
export const MountSchema = Type.Object(
  {
    path: Type.Optional(Type.String({ pattern: '^(/[A-Za-z0-9._~-]+)+$' })),
    host: Type.Optional(Type.String({ pattern: '^(\\*\\.)?[A-Za-z0-9.-]+$' })),
    to: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    directory: Type.Optional(Type.String({ minLength: 1 })),
    module: Type.Optional(Type.String({ minLength: 1 })),
    role: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('owner')])),
    /** Passes Porthole's cookie and the Authorization header on. */
    forwardCredentials: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type MountOptions = Static<typeof MountSchema>

/** Where the requests of a mount go. */
export type Destination =
  | { readonly kind: 'proxy'; readonly target: ProxyTarget }
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'module'; readonly url: string }

/** An HTTP server: its address, or its unix socket. */
export interface ProxyTarget {
  readonly origin: URL | undefined
  readonly socketPath: string | undefined
}

export interface Mount {
  /** Named in logs and errors. */
  readonly key: string
  readonly host: string | undefined
  /** What addresses begin with; '' with a host alone. */
  readonly path: string
  readonly role: Role
  /** `path` as browsers see it: behind the path of the public address. */
  readonly outerPath: string
  readonly forwardCredentials: boolean
  readonly destination: Destination
  /** Where its routes stand in the app: behind a prefix that nobody can guess, so that only `rewrite` leads there. */
  readonly prefix: string
}

/** @throws Error that names the key under `mounts` and the mend */
export function buildMounts(options: readonly MountOptions[], publicPath = ''): Mount[] {
  const secret = randomBytes(16).toString('hex')
  return options.map((mount, i) => {
    const key = `mounts[${i}]`
    const { host, path = '', role = 'public', forwardCredentials = false } = mount
    if (host === undefined && path === '') throw new Error(`${key} must say a path, a host, or both`)
    if (host === undefined && RESERVED.includes(path.split('/')[1] as string))
      throw new Error(`${key}.path is ${path}, which is Porthole's own; mount it elsewhere, or under a host`)
    const same = options.findIndex((other) => other.host === host && (other.path ?? '') === path)
    if (same !== i) throw new Error(`${key} is at the same place as mounts[${same}]`)
    return {
      key,
      host,
      path,
      outerPath: host === undefined ? publicPath + path : path,
      role,
      forwardCredentials,
      destination: destinationOf(mount, key),
      prefix: `/.mount-${secret}/${i}`,
    }
  })
}

function destinationOf({ to, directory, module }: MountOptions, key: string): Destination {
  if ([to, directory, module].filter((value) => value !== undefined).length !== 1)
    throw new Error(`${key} must say exactly one of to, directory, module`)
  for (const [name, path] of Object.entries({ directory, module }))
    if (path !== undefined && !isAbsolute(path)) throw new Error(`${key}.${name} is ${path}; say its whole path, from /`)
  if (directory !== undefined) return { kind: 'directory', directory }
  if (module !== undefined) return { kind: 'module', url: pathToFileURL(module).href }
  if (to?.startsWith('unix:/')) return { kind: 'proxy', target: { origin: undefined, socketPath: to.slice('unix:'.length) } }
  const origin = to !== undefined && URL.canParse(to) ? new URL(to) : undefined
  if (!origin || !['http:', 'https:'].includes(origin.protocol) || origin.pathname !== '/' || origin.search !== '')
    throw new Error(`${key}.to is ${JSON.stringify(to)}; say http://host:port, https://host:port or unix:/path`)
  return { kind: 'proxy', target: { origin, socketPath: undefined } }
}

/** The mount of a request, the most specific first: by host before none, then the longest path. Asked for each request anew. */
export function findMount(mounts: readonly Mount[], host: string, url: string): Mount | undefined {
  if (mounts.length === 0 || !url.startsWith('/')) return undefined
  const found = bestOf(mounts, host, url)
  // Servers resolve dots, slashes and encodings: an address that means another mount then is nobody's.
  const resolved = decodedPath(url)
  return resolved !== undefined && bestOf(mounts, host, resolved.split('/').map(encodeURIComponent).join('/')) === found ? found : undefined
}

function bestOf(mounts: readonly Mount[], host: string, url: string): Mount | undefined {
  let best: Mount | undefined
  for (const mount of mounts) {
    if (mount.host !== undefined && !isHost(host, mount.host)) continue
    if (innerPath(mount, url) === undefined) continue
    if (!best || rank(mount) > rank(best)) best = mount
  }
  return best
}

const rank = ({ host, path }: Mount) => (host === undefined ? 0 : 1_000_000) + path.length

/**
 * The request's address as its mount sees it: without the mount's path, and with one slash at its start. Undefined when it is
 * not under the path: compared by whole segments, each decoded once, none resolved, so that no spelling leads past it.
 */
export function innerPath({ path }: Mount, url: string): string | undefined {
  if (path === '') return url
  const wanted = path.split('/').slice(1)
  const end = url.search(/[?#]/)
  const [raw, rest] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)]
  const segments = raw.split('/').slice(1)
  if (segments.length < wanted.length || !wanted.every((segment, i) => segment === decoded(segments[i] as string))) return undefined
  return `/${segments.slice(wanted.length).join('/').replace(/^\/+/, '')}${rest}`
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
