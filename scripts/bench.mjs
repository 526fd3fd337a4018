import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Failure, packaged, root, run } from './process.mjs'
import { ensureBuild, ensurePackages, ensurePeers } from './setup.mjs'

/**
 * Runs one benchmark of bench/, or lists them. A benchmark begins with a comment that says what it measures; files
 * without one are its helpers.
 * @param {readonly string[]} args its name, then its own arguments
 */
export async function bench([name, ...args]) {
  const benchmarks = benchmarksOf(path.join(root, 'bench'))
  if (name === undefined) {
    console.log('npm run bench NAME, where NAME is one of')
    for (const [each, what] of benchmarks) console.log(`  ${each.padEnd(16)}${what}`)
    return 0
  }
  if (!benchmarks.has(name)) throw new Failure(`There is no benchmark ${name}; there are: ${[...benchmarks.keys()].join(', ') || 'none'}.`)
  await ensurePackages()
  await ensureBuild()
  // The other routers.
  if (name === 'wamp') await ensurePeers({ withRouter: true })
  return run(process.execPath, [packaged('tsx/dist/cli.mjs'), path.join('bench', `${name}.ts`), ...args])
}

/**
 * @param {string} folder
 * @returns {Map<string, string>} what each benchmark measures, by its name
 */
export function benchmarksOf(folder) {
  const files = readdirSync(folder).filter((file) => /^[^.]+\.ts$/.test(file))
  const named = files.map(
    (file) => /** @type {const} */ ([file.slice(0, -3), firstSentence(readFileSync(path.join(folder, file), 'utf8'))]),
  )
  return new Map(named.filter(([, what]) => what !== ''))
}

/** @param {string} source @returns {string} the first sentence of the comment that a benchmark begins with */
export function firstSentence(source) {
  const comment = /^\/\*\*([\s\S]*?)\*\/|^((?:\/\/.*\n)+)/.exec(source)
  const text = (comment?.[1] ?? comment?.[2] ?? '')
    .replace(/^\s*(?:\*|\/\/)/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
  return /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text
}
