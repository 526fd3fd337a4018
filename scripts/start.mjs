import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './process.mjs'
import { ensureBuild, ensurePackages } from './setup.mjs'

/**
 * Sets up what is missing, then runs the built server with the demo camera, or the subcommand that the arguments begin
 * with. The server runs in this very process: signals and exit code are its own.
 * @param {readonly string[]} args
 */
export async function start(args) {
  await ensurePackages()
  await ensureBuild()
  const main = path.join(root, 'dist', 'server', 'main.js')
  process.argv = [process.execPath, main, ...commandLine(args)]
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(main).href)
  return undefined
}

/** @param {readonly string[]} args what follows `npm start --` */
export function commandLine(args) {
  return args[0] !== undefined && !args[0].startsWith('-') ? [...args] : ['serve', '--demo', ...args]
}
