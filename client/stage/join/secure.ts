/** Milliseconds that https may take to answer. */
const PROBE_MS = 4000

/** A browser as far as its warnings differ. */
export type Browser = 'chrome' | 'safari' | 'firefox'

/** Which warning a browser shows, by its User-Agent. All browsers of an iPhone are Safari inside, but they call themselves otherwise. */
export function browserOf(agent: string): Browser {
  if (/FxiOS|CriOS|EdgiOS/.test(agent)) return 'safari'
  if (/Firefox\//.test(agent)) return 'firefox'
  return /Safari\//.test(agent) && !/Chrome\/|Chromium\//.test(agent) ? 'safari' : 'chrome'
}

/** The same page by https: it is on the same port. */
export const secureAddress = (href: string): string => href.replace(/^http:/, 'https:')

/** Whether this browser trusts the server's certificate: without it no request gets through. */
export async function trustsHttps(health: URL, request: typeof fetch = fetch): Promise<boolean> {
  try {
    await request(secureAddress(health.href), { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch {
    return false
  }
}
