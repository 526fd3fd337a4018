import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './process.mjs'
import { LOCK, PEERS_LOCK } from './setup.mjs'

const OS = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/
const CPU = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)\b/

/**
 * Adds the prebuilt packages of other platforms that npm left out of the lock file, because the registry at hand has only some of them:
 * `npm ci` refuses such a lock file on every platform. They get no integrity, as their bytes were not seen; a machine that
 * needs one takes it from its registry by name and exact version.
 * @param {any} lock the lock file's content; changed in place
 * @returns {string[]} names added
 */
export function completeLock(lock) {
  /** @type {string[]} */
  const added = []
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const key = `node_modules/${name}`
      const os = OS.exec(name)?.[1]
      if (parent === '' || lock.packages[key] || lock.packages[`${parent}/${key}`] || !os || !/^\d/.test(version)) continue
      const cpu = CPU.exec(name)?.[1]
      const libc = /\bmusl/.test(name) ? 'musl' : /\bgnu/.test(name) ? 'glibc' : undefined
      lock.packages[key] = {
        version,
        ...(cpu && { cpu: [cpu] }),
        ...(dev && { dev }),
        ...(libc && { libc: [libc] }),
        optional: true,
        os: [os],
      }
      added.push(name)
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
  return added
}

/** To be run after `npm install` changed a lock file. */
export function lock() {
  for (const file of [LOCK, PEERS_LOCK]) {
    const content = JSON.parse(readFileSync(file, 'utf8'))
    const added = completeLock(content)
    if (added.length > 0) writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
    const name = path.relative(root, file)
    console.log(added.length > 0 ? `Added to ${name}: ${added.join(', ')}` : `${name} names the packages of every platform`)
  }
  return 0
}
