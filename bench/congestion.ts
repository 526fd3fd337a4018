import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const CURRENT = '/proc/sys/net/ipv4/tcp_congestion_control'
const AVAILABLE = '/proc/sys/net/ipv4/tcp_available_congestion_control'

/** Names of TCP congestion controls that this kernel has loaded. */
export const congestionControls = (): string[] => (existsSync(AVAILABLE) ? readFileSync(AVAILABLE, 'utf8').trim().split(/\s+/) : [])

/**
 * Sets what connections of this network namespace get that are accepted from now on.
 * @param name nothing is changed without one, or with one that the kernel does not know
 * @returns what they got before
 */
export function setCongestionControl(name?: string): string {
  if (!existsSync(CURRENT)) return ''
  const before = readFileSync(CURRENT, 'utf8').trim()
  if (name && name !== before && congestionControls().includes(name)) writeFileSync(CURRENT, name)
  return before
}
