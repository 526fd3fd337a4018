#!/usr/bin/env node
// The commands behind `npm start`, `npm test` and the rest. It needs nothing installed: it installs what they need.
// The other files are imported after the version check, so that an old Node gets the message and not a stack trace.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22)) {
  console.error(`Porthole needs Node.js 20.19, 22.12 or newer; this is ${process.versions.node} (${process.execPath}).`)
  process.exit(1)
}

const [command = '', ...args] = process.argv.slice(2)
const { endWithNpm, Failure } = await import('./process.mjs')

/** @type {Record<string, () => Promise<number | undefined>>} Each gives the exit code, or nothing to go on running. */
const commands = {
  start: async () => (await import('./start.mjs')).start(args),
  build: async () => (await import('./setup.mjs')).buildCommand(),
  dev: async () => (await import('./dev.mjs')).dev(args),
  test: async () => (await import('./test.mjs')).test(args),
  check: async () => (await import('./test.mjs')).check(args),
  nodes: async () => (await import('./test.mjs')).nodes(args),
  bench: async () => (await import('./bench.mjs')).bench(args),
  lock: async () => (await import('./lock.mjs')).lock(),
}

try {
  const named = commands[command]
  if (!named) throw new Failure(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`)
  endWithNpm()
  const code = await named()
  if (code !== undefined) process.exitCode = code
} catch (error) {
  if (!(error instanceof Failure)) throw error
  console.error(error.message)
  process.exitCode = 1
}
