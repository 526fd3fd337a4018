import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { parseSync } from 'vite'

/** KB of embed.js after gzip. */
const EMBED_KB = 30

const CLIENT = path.resolve(import.meta.dirname, '../../dist/client')

/** KB (of 1000 bytes) that a built file is after gzip. */
export const gzipKb = (file: string): number => gzipSync(readFileSync(path.join(CLIENT, file)), { level: 9 }).length / 1000

/** Modules that a built module loads by import statements: with it, always. */
function staticImports(file: string): string[] {
  const { program } = parseSync(file, readFileSync(path.join(CLIENT, file), 'utf8'))
  const sources = program.body.flatMap((node) =>
    (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') && node.source
      ? [node.source.value]
      : [],
  )
  return sources.filter((source) => source.startsWith('.')).map((source) => path.posix.join(path.posix.dirname(file), source))
}

/** The modules with all that they import by statements. */
export function withImports(files: readonly string[]): string[] {
  const found = new Set<string>()
  const add = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    for (const source of staticImports(file)) add(source)
  }
  for (const file of files) add(file)
  return [...found].sort()
}

/** Scripts that the dashboard's page names, and the application that its first script loads in any case. */
export function dashboardScripts(): string[] {
  const html = readFileSync(path.join(CLIENT, 'index.html'), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.js)"|new Worker\('(assets\/[^']+\.js)'/g)]
  const scripts = named.map(([, script, worker]) => script ?? worker).filter((file) => file !== undefined)
  const boot = scripts.map((file) => readFileSync(path.join(CLIENT, file), 'utf8')).join('\n')
  const application = /assets\/main-[\w-]+\.js|\.\/main-[\w-]+\.js/.exec(boot)?.[0]?.replace('./', 'assets/')
  if (!application) throw new Error("the page's first script does not name the application")
  return withImports([...scripts, application])
}

/** A test of the widget for other people's pages, which is one file: to be called by sizes.spec.ts when the build makes it. */
export function testEmbedSize(): void {
  test(`embed.js is at most ${EMBED_KB} KB`, () => {
    expect(existsSync(path.join(CLIENT, 'embed.js')), 'embed.js is built').toBe(true)
    expect(withImports(['embed.js']).reduce((sum, file) => sum + gzipKb(file), 0)).toBeLessThanOrEqual(EMBED_KB)
  })
}
