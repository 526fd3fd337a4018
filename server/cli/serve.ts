import { spawn } from 'node:child_process'
import { renderUnicodeCompact } from 'uqr'
import { startApp } from '../app.ts'
import { createLog } from '../base/log.ts'
import { optionHelp, readConfig } from '../config/config.ts'

/** Milliseconds that a stop may take before the process ends without it. */
const STOP_MS = 5000

export const serveHelp =
  () => `porthole serve [options]\n\nRuns the server. Every option is also a variable: --port is PORTHOLE_PORT.\n\n${optionHelp()}

PORTHOLE_OWNER_PASSWORD  password of user "owner" at first start
`

/** `porthole serve`: runs until SIGINT or SIGTERM. */
export async function serve(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(serveHelp())
    return
  }
  const config = readConfig(argv, process.env)
  // Children and modules have no business with it.
  delete process.env.PORTHOLE_OWNER_PASSWORD
  const log = createLog({ level: config.logLevel })
  const app = await startApp({ config, log })
  const page = app.url + (app.signInPath ?? '')
  process.stdout.write(`\nPorthole is open at ${app.url}\n`)
  for (const url of app.lan) process.stdout.write(`                 or ${url} and ${url.replace('http:', 'https:')}\n`)
  if (app.lan[0]) process.stdout.write(phoneHelp(app.lan[0].replace('http:', 'https:'), app.fingerprint))
  // The secret goes to the terminal and nowhere else.
  if (app.signInPath) process.stdout.write(`Sign in with this link (once, within 15 minutes):\n\n    ${page}\n`)
  process.stdout.write('\n')
  if (config.open) openBrowser(page)
  await stopped()
  const timer = setTimeout(() => {
    log.error({ ms: STOP_MS }, 'not closed in time')
    process.exit(1)
  }, STOP_MS)
  await app.close()
  clearTimeout(timer)
}

/** For phones, which give their camera to https pages alone. */
const phoneHelp = (url: string, fingerprint: string | undefined): string =>
  `\nOn a phone, scan this (${url}):\n\n${renderUnicodeCompact(url, { border: 2 })}\n${
    fingerprint
      ? `\nIts browser warns of a certificate it does not know: go on, or see ${url}/trust. The authority's fingerprint (SHA-256) is\n${fingerprint}\n`
      : ''
  }`

/** Stays until the end: a terminal and a parent may both pass on the same Ctrl-C, and the second must not cut the close short. */
const stopped = () =>
  new Promise<void>((resolve) => {
    process.on('SIGINT', () => resolve())
    process.on('SIGTERM', () => resolve())
  })

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['cmd', '/c', 'start', '', url] : ['xdg-open', url]
  spawn(command as string, args, { stdio: 'ignore', detached: true })
    .on('error', () => process.stderr.write('No browser could be opened; open the address yourself.\n'))
    .unref()
}
