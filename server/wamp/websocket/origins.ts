/** Characters of an Origin header that are looked at. */
const MAX_ORIGIN_CHARS = 512
const PATTERN = /^(\*|[a-z][a-z0-9+.-]*):\/\/([^/:@\s[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?$/i
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Whether an Origin header is of those that are let in. */
export type OriginTest = (origin: string) => boolean

/**
 * Patterns of origins: `https://app.example.org`, `https://*.example.org` (any name below, at any depth), `http://10.0.0.*` (a star
 * elsewhere stands for a part between dots), `https://example.org:*` (any port), `*://example.org`, or `*` for all. Without a port the
 * scheme's own is meant, with any scheme 443 and 80. `null` is of no pattern.
 * @throws RangeError that names the pattern
 */
export function originTest(patterns: readonly string[]): OriginTest {
  const tests = patterns.map(compile)
  return (header) => {
    if (header.length > MAX_ORIGIN_CHARS || !URL.canParse(header)) return false
    const origin = new URL(header)
    return tests.some((test) => test(origin))
  }
}

function compile(pattern: string): (origin: URL) => boolean {
  if (pattern === '*') return () => true
  const [, scheme, host, port] = PATTERN.exec(pattern) ?? []
  if (scheme === undefined || host === undefined)
    throw new RangeError(
      `${JSON.stringify(pattern)} is no pattern of origins; say scheme://host or scheme://host:port, such as https://*.example.org`,
    )
  const named = hostTest(host.toLowerCase())
  return (origin) => {
    const its = origin.protocol.slice(0, -1)
    if (scheme !== '*' && its !== scheme.toLowerCase()) return false
    const usual = DEFAULT_PORTS[its] ?? ''
    return named(origin.hostname.toLowerCase()) && (port === '*' || (origin.port || usual) === (port ?? usual))
  }
}

function hostTest(host: string): (name: string) => boolean {
  if (host === '*') return () => true
  const below = host.startsWith('*.')
  const literal = (below ? host.slice(2) : host).split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const regex = new RegExp(`^${below ? '[^:/]+\\.' : ''}${literal.join('[^.:/]+')}$`)
  return (name) => regex.test(name)
}

/** Whether an origin is a page's of this host, as clients see it. @param own scheme and host that the client asked for */
export function isOwnOrigin(origin: string, own: URL): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname, port } = new URL(origin)
  const usual = DEFAULT_PORTS[protocol.slice(0, -1)]
  return usual !== undefined && hostname === own.hostname && (port || usual) === (own.port || DEFAULT_PORTS[own.protocol.slice(0, -1)])
}
