import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { transformSync } from '@swc/wasm-typescript'

/** What a component imports, from wherever it stands: the client that hosts it, and not one of another installation. */
const CLIENT = 'porthole/wamp'
const CLIENT_URL = new URL(`../wamp/client/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href

/** Parts of Node's customization hooks that are the same in both of their forms, called at once or by messages. */
interface Resolved {
  readonly url: string
  readonly shortCircuit?: boolean
}
interface Loaded {
  readonly format: string
  readonly source?: string
  readonly shortCircuit?: boolean
}
type Next<T> = (name: string, context?: object) => T

export const resolve = <T>(specifier: string, context: object, next: Next<T>): T | Resolved =>
  specifier === CLIENT ? { url: CLIENT_URL, shortCircuit: true } : next(specifier, context)

/** Loads TypeScript where Node does not, as newer versions of it do: types become blanks, so that lines and columns stay. */
export function load<T>(url: string, context: object, next: Next<T>): T | Loaded {
  if ((process.features as { typescript?: unknown }).typescript) return next(url, context)
  if (!url.startsWith('file:') || !/\.m?ts$/.test(new URL(url).pathname)) return next(url, context)
  const file = fileURLToPath(url)
  return { format: 'module', source: stripped(readFileSync(file, 'utf8'), file), shortCircuit: true }
}

/** @throws SyntaxError for what is no TypeScript, or more than types */
export function stripped(source: string, file: string): string {
  // Brought only where it is needed: it is large, and optional.
  const swc = createRequire(import.meta.url)('@swc/wasm-typescript') as { readonly transformSync: typeof transformSync }
  try {
    return swc.transformSync(source, { mode: 'strip-only', module: true, filename: file }).code
  } catch (error) {
    // No Error, but an object of these fields.
    const { message = String(error), startLine = 0 } = error as { message?: string; startLine?: number }
    throw new SyntaxError(`${message} (${file}:${startLine})`)
  }
}
