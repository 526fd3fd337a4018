import { endChildren, packaged, run, say } from './process.mjs'
import { ensurePackages } from './setup.mjs'

/** Vite's page: its port stands in vite.config.ts. */
const PAGE = 'http://localhost:5173'

/**
 * Vite's dev server for the client and the server under `tsx watch`, both reloading at a change, until one of them ends or Ctrl-C.
 * @param {readonly string[]} args for the server
 */
export async function dev(args) {
  await ensurePackages()
  // The links that the server prints are to open Vite's page.
  const publicUrl = args.some((arg) => /^--public-url(=|$)/.test(arg)) ? [] : ['--public-url', PAGE]
  const port = portOf(args) ?? process.env.PORTHOLE_PORT ?? '8080'
  const env = { PORTHOLE_PORT: port }
  say(`The page that reloads is ${PAGE}; it passes API and sockets on to the server`)
  const server = ['server/main.ts', 'serve', '--demo', ...publicUrl, ...args]
  const both = [
    run(process.execPath, [packaged('vite/bin/vite.js'), '--clearScreen', 'false'], { env, stdin: 'ignore' }),
    run(process.execPath, [packaged('tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', ...server], { env, stdin: 'ignore' }),
  ]
  const code = await Promise.race(both)
  endChildren()
  await Promise.all(both)
  return code
}

/**
 * @param {readonly string[]} args
 * @returns {string | undefined} the port that the server is told
 */
export function portOf(args) {
  const at = args.findIndex((arg) => /^--port(=|$)/.test(arg))
  if (at < 0) return undefined
  return args[at]?.split('=')[1] ?? args[at + 1]
}
