import { ConfigError } from '../base/errors.ts'
import { version } from '../base/version.ts'
import { CommandError } from './command-error.ts'

/** Exit status of a command line or setting that cannot be used (sysexits.h EX_USAGE). */
const EXIT_USAGE = 64

type Command = (argv: readonly string[]) => Promise<void>

/** Loaded when it is wanted: a component's host has no use for a server. */
const COMMANDS: Record<string, () => Promise<{ readonly command: Command; readonly help: string }>> = {
  serve: async () => {
    const { serve, serveHelp } = await import('./serve.ts')
    return { command: serve, help: serveHelp() }
  },
  user: async () => {
    const { user, userHelp } = await import('./user.ts')
    return { command: user, help: userHelp }
  },
  camera: async () => {
    const { camera, cameraHelp } = await import('./camera.ts')
    return { command: camera, help: cameraHelp }
  },
  key: async () => {
    const { key, keyHelp } = await import('./key.ts')
    return { command: key, help: keyHelp }
  },
  run: async () => {
    const [{ run }, { runHelp }] = await Promise.all([import('./run.ts'), import('./run-options.ts')])
    return { command: run, help: runHelp() }
  },
}

const help = async () => (await Promise.all(Object.values(COMMANDS).map((load) => load()))).map((loaded) => loaded.help).join('\n')

/** Runs one command; sets the process's exit status. */
export async function run(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (load) await (await load()).command(rest)
    else if (name === '--version' || name === 'version') process.stdout.write(`${version()}\n`)
    else if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(await help())
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
