import { isHost, underPath } from '../base/address.ts'
import { http1 } from './protocols.ts'
import { type Classifier, startsWith } from './rules.ts'

/** Bytes that a regular expression may wait for, unless told: it cannot say by itself that nothing more can match. */
export const REGEX_BYTES = 64

/** Bytes that a connection begins with. */
export const prefixRule =
  (bytes: Buffer): Classifier =>
  (prefix) =>
    startsWith(prefix, bytes)

/** A regular expression over the first bytes, as Latin-1. It says no after so many bytes, or at the end of the first line. */
export function regexRule(regex: RegExp, bytes = REGEX_BYTES): Classifier {
  const stateless = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''))
  return (prefix) => {
    const text = prefix.toString('latin1', 0, bytes)
    if (stateless.test(text)) return 'match'
    return prefix.length >= bytes || text.includes('\n') ? 'no' : 'more'
  }
}

export interface RequestMatch {
  /** Host of the first request, without a port; `*.example.org` for every name below. */
  readonly host?: string | undefined
  /** Path of the first request or what it begins with, by whole segments. */
  readonly path?: string | undefined
}

/**
 * Host and path of the connection's *first* HTTP/1 request (RFC 9112 §3, §3.2). The whole connection goes where the first
 * request says, later requests too.
 */
export function requestRule({ host, path }: RequestMatch): Classifier {
  return (prefix) => {
    const verdict = http1(prefix)
    if (verdict !== 'match') return verdict
    const text = prefix.toString('latin1').replace(/^[\r\n]+/, '')
    const lineEnd = text.indexOf('\n')
    if (lineEnd < 0) return 'more'
    const target = /^[A-Z_-]+ (\S+) HTTP\/1\.[01]\r?$/.exec(text.slice(0, lineEnd))?.[1]
    if (target === undefined) return 'no'
    // The absolute form names the host itself (RFC 9112 §3.2.2).
    const absolute = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(target)
    if (path !== undefined && !underPath(absolute ? absolute[2] || '/' : target, path)) return 'no'
    if (host === undefined) return 'match'
    if (absolute) return isHost(absolute[1] as string, host) ? 'match' : 'no'
    return hostVerdict(text.slice(lineEnd + 1), host)
  }
}

function hostVerdict(headers: string, host: string): 'match' | 'no' | 'more' {
  const end = /^\r?\n|\n\r?\n/.exec(headers)
  const head = end ? headers.slice(0, end.index + 1) : headers
  const named = [...head.matchAll(/^host[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?\n/gim)].map(([, value = '']) => value)
  if (named.length > 1) return 'no'
  const [value] = named
  if (value !== undefined) return isHost(value, host) ? 'match' : 'no'
  return end ? 'no' : 'more'
}
