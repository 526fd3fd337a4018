/** The host of an address as sockets want it: IPv6 without its brackets. */
export const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** Whether a Host header names the host, whatever the port and the case. */
export function isHost(header: string, host: string): boolean {
  const name = header.replace(/:\d*$/, '').toLowerCase()
  const wanted = host.toLowerCase()
  if (wanted.startsWith('*.')) return name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1
  return name === wanted
}

/** Whether a request's target is the path or below it, after decoding and resolving dots: as the server behind would see it. */
export function underPath(target: string, path: string): boolean {
  const decoded = decodedPath(target)
  if (decoded === undefined) return false
  const base = path.endsWith('/') ? path.slice(0, -1) : path
  return decoded === base || decoded.startsWith(`${base}/`)
}

/** The path of a request target, decoded, dots resolved, slashes single; undefined when it cannot be decoded. */
export function decodedPath(target: string): string | undefined {
  const raw = target.split(/[?#]/, 1)[0] as string
  let path: string
  try {
    path = decodeURIComponent(raw)
  } catch {
    return undefined
  }
  const parts: string[] = []
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Whether an address to listen on, or a host to ask for, is this machine's own alone. */
export const isLoopbackHost = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
