import { ConfigError } from '../base/errors.ts'
import { version } from '../base/version.ts'
import { camera, cameraHelp } from './camera.ts'
import { CommandError } from './contract.ts'
import { key, keyHelp } from './key.ts'
import { serve, serveHelp } from './serve.ts'
import { user, userHelp } from './user.ts'

/** Exit status of a command line or setting that cannot be used (sysexits.h EX_USAGE). */
const EXIT_USAGE = 64

const COMMANDS: Record<string, (argv: readonly string[]) => Promise<void>> = { serve, user, camera, key }

const help = () => [serveHelp(), userHelp, cameraHelp, keyHelp].join('\n')

/** Runs one command; sets the process's exit status. */
export async function run(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv
  const command = name === undefined || name.startsWith('-') ? undefined : COMMANDS[name]
  try {
    if (command) await command(rest)
    else if (name === '--version' || name === 'version') process.stdout.write(`${version()}\n`)
    else if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(help())
    else
      throw new ConfigError(
        name === undefined || name.startsWith('-')
          ? `say a command: ${Object.keys(COMMANDS).join(', ')}; see porthole --help`
          : `there is no command ${name}; there is: ${Object.keys(COMMANDS).join(', ')}`,
      )
  } catch (error) {
    process.stderr.write(`porthole: ${explain(error)}\n`)
    process.exitCode = error instanceof ConfigError ? EXIT_USAGE : 1
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CommandError) return error.message
  const { code, port, address, stack } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  if (code === 'EADDRINUSE') return `port ${port} is in use; stop what uses it, or choose another with --port`
  if (code === 'EACCES' && port !== undefined) return `port ${port} needs privileges; choose one over 1023 with --port`
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine; choose another with --host`
  return stack ?? String(error)
}
