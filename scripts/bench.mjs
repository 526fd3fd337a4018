import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Failure, packaged, root, run } from './process.mjs'
import { ensureBuild, ensurePackages } from './setup.mjs'

/**
 * Runs one benchmark of bench/, or lists them.
 * @param {readonly string[]} args its name, then its own arguments
 */
export async function bench([name, ...args]) {
  const folder = path.join(root, 'bench')
  const names = readdirSync(folder).flatMap((file) => (/^[^.]+\.ts$/.test(file) ? [file.slice(0, -3)] : []))
  if (name === undefined) {
    console.log('npm run bench NAME, where NAME is one of')
    for (const each of names) console.log(`  ${each.padEnd(16)}${firstSentence(readFileSync(path.join(folder, `${each}.ts`), 'utf8'))}`)
    return 0
  }
  if (!names.includes(name)) throw new Failure(`There is no bench/${name}.ts; there are: ${names.join(', ') || 'none'}.`)
  await ensurePackages()
  await ensureBuild()
  return run(process.execPath, [packaged('tsx/dist/cli.mjs'), path.join('bench', `${name}.ts`), ...args])
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
