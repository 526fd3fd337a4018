import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Failure, npm, packaged, root, runQuietly, say } from './process.mjs'

export const LOCK = path.join(root, 'package-lock.json')
const PACKAGES_STAMP = path.join(root, 'node_modules', '.porthole-setup')
/** Other people's WAMP clients, with which tests join. */
const PEERS = path.join(root, 'e2e', 'peers', 'wamp')
export const PEERS_LOCK = path.join(PEERS, 'package-lock.json')
const BUILD_STAMP = path.join(root, 'dist', '.porthole-build')
const MAIN = path.join(root, 'dist', 'server', 'main.js')

/** What the build is made of, beside the lock file. */
const SOURCES = ['client', 'server', 'shared', 'vite.config.ts', 'tsconfig.json', 'package.json']
const NOT_BUILT = /\.test\.tsx?$|^server\/testing\//

/** Installs the packages of the lock file, unless they are those of this lock file, Node version and machine. */
export async function ensurePackages() {
  const wanted = digest([readFileSync(LOCK), process.version, process.platform, process.arch])
  if (readStamp(PACKAGES_STAMP) === wanted) return
  say('Installing packages from the lock file (npm ci)')
  const { command, args, shell } = npm(['ci', '--include=dev', '--no-audit', '--no-fund'])
  await runQuietly('npm ci', command, args, { shell })
  writeFileSync(PACKAGES_STAMP, `${wanted}\n`)
}

/**
 * Installs other people's clients, unless they are those of their lock file. Tests that need them are skipped where that fails.
 * @param {{ withRouter?: boolean }} [options] whether to bring the routers too with which benchmarks compare
 */
export async function ensurePeers({ withRouter = false } = {}) {
  const stamp = path.join(PEERS, 'node_modules', '.porthole-setup')
  const lock = readFileSync(PEERS_LOCK)
  const wanted = (/** @type {boolean} */ all) => digest([lock, process.version, process.platform, process.arch, String(all)])
  if ([wanted(true), ...(withRouter ? [] : [wanted(false)])].includes(readStamp(stamp) ?? '')) return
  say("Installing other people's WAMP clients (npm ci)")
  // No scripts: what they build are accelerators and a database, which nothing here uses. An older Node brings a newer one for them.
  const omitted = [...(withRouter ? [] : ['--omit=dev']), ...(Number.parseInt(process.versions.node, 10) >= 22 ? ['--omit=optional'] : [])]
  const { command, args, shell } = npm(['ci', '--prefix', PEERS, '--ignore-scripts', '--no-audit', '--no-fund', ...omitted])
  try {
    await runQuietly('npm ci', command, args, { shell })
    writeFileSync(stamp, `${wanted(withRouter)}\n`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    say(`${error.message}\nTests that need these clients will be skipped`)
  }
}

/** Builds client and server, unless the build is of these very sources. */
export async function ensureBuild() {
  if (existsSync(MAIN) && readStamp(BUILD_STAMP) === fingerprint(root)) return
  await build()
}

export async function buildCommand() {
  await ensurePackages()
  await build()
  return 0
}

async function build() {
  say('Building client and server')
  const before = fingerprint(root)
  for (const output of ['server', 'shared', '.porthole-build']) rmSync(path.join(root, 'dist', output), { recursive: true, force: true })
  await runQuietly('Compiling the server', process.execPath, [packaged('typescript/bin/tsc'), '-p', 'server'])
  await runQuietly('Describing the client for others', process.execPath, [packaged('typescript/bin/tsc'), '-p', 'shared'])
  await runQuietly('Describing the WAMP client for others', process.execPath, [packaged('typescript/bin/tsc'), '-p', 'server/wamp/client'])
  chmodSync(MAIN, 0o755)
  await runQuietly('Building the client', process.execPath, [packaged('vite/bin/vite.js'), 'build'])
  mkdirSync(path.dirname(BUILD_STAMP), { recursive: true })
  writeFileSync(BUILD_STAMP, `${before}\n`)
}

/**
 * A digest of everything the build is made of: paths and contents. Tests are no part of it.
 * @param {string} folder the project's
 */
export function fingerprint(folder) {
  const files = SOURCES.flatMap((source) => filesUnder(folder, source)).filter((file) => !NOT_BUILT.test(file))
  return digest([...files, 'package-lock.json'].sort().flatMap((file) => [file, readFileSync(path.join(folder, file))]))
}

/**
 * @param {string} folder
 * @param {string} source a file or folder in it, by `/`
 * @returns {string[]}
 */
function filesUnder(folder, source) {
  try {
    const entries = readdirSync(path.join(folder, source), { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? filesUnder(folder, `${source}/${entry.name}`) : `${source}/${entry.name}`))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [source]
    throw error
  }
}

/** @param {readonly (string | Buffer)[]} parts */
function digest(parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

/** @param {string} file */
function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}
