import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Failure, runQuietly, say } from './process.mjs'

/** Programs (and modules of Python's) that some tests use, and the Debian packages that bring them. */
const TOOLS = {
  ffmpeg: 'ffmpeg',
  ip: 'iproute2',
  curl: 'curl',
  wamp: 'python3-autobahn',
  twistd3: 'python3-twisted',
  // What Autobahn serializes CBOR with, and hashes passwords with; its package does not bring them.
  '/usr/lib/python3/dist-packages/cbor2': 'python3-cbor2',
  '/usr/lib/python3/dist-packages/argon2': 'python3-argon2',
  '/usr/lib/python3/dist-packages/pyftpdlib': 'python3-pyftpdlib',
  pebble: 'pebble',
}

/**
 * Where a program stands on the path.
 * @param {string} program
 * @returns {string | undefined}
 */
export function which(program) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']
  // Tools of administrators are not on every user's path.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...(process.platform === 'win32' ? [] : ['/usr/sbin', '/sbin'])]
  return folders.flatMap((folder) => endings.map((ending) => path.join(folder, program + ending))).find(isProgram)
}

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Whether packages can be installed here without asking anyone. Ubuntu is left out: its chromium is a snap. */
export function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false
  return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8')) && which('apt-get') !== undefined
}

let listsAreFresh = false

/**
 * Installs Debian packages.
 * @param {readonly string[]} packages
 * @throws {Failure} with apt's output
 */
export async function install(packages) {
  say(`Installing ${packages.join(', ')} (apt-get)`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  if (!listsAreFresh) await runQuietly('apt-get update', 'apt-get', ['update'], { env })
  listsAreFresh = true
  await runQuietly('apt-get install', 'apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env })
}

/** Brings the programs that some tests use, where that can be done; says which tests must do without. */
export async function ensureTools() {
  const missing = () => Object.entries(TOOLS).filter(([program]) => !(program.startsWith('/') ? existsSync(program) : which(program)))
  if (missing().length === 0) return
  if (canInstall()) {
    try {
      await install(missing().map(([, debian]) => debian))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      say(error.message)
    }
  }
  for (const [program, debian] of missing()) say(`No ${program} here (Debian's package ${debian}): tests that need it will be skipped`)
}
