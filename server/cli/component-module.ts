import { existsSync, statSync } from 'node:fs'
import * as nodeModule from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../base/errors.ts'
import type { ComponentCallbacks } from '../wamp/client/component.ts'
import { load, resolve } from './module-hooks.ts'

const NAMES = ['onJoin', 'onLeave', 'onDisconnect'] as const
const TYPESCRIPT = /\.m?ts$/
/** First version of Node that takes types out by itself. */
const STRIPS = '22.18'
const LOADABLE = /\.(?:m?ts|[cm]?js)$/

/** @param told path of a component's module, from the working directory. @throws ConfigError that says what is wrong and how it is mended */
export async function loadComponent(told: string): Promise<ComponentCallbacks> {
  const file = path.resolve(told)
  if (!existsSync(file)) throw new ConfigError(`there is no module ${told}`)
  if (!statSync(file).isFile() || !LOADABLE.test(file))
    throw new ConfigError(`${told} is no module; say a .ts, .mts, .js, .mjs or .cjs file`)
  if (TYPESCRIPT.test(file)) checkTypeScript()
  hook()
  let exports: Record<string, unknown>
  try {
    exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (error) {
    throw new ConfigError(`${told} cannot be loaded: ${whyNotLoaded(error)}`)
  }
  return callbacksOf(exports, told)
}

/** @throws ConfigError where neither Node loads TypeScript nor the parser that newer versions of it have within is there */
function checkTypeScript(): void {
  if (hasTypeScript()) return
  try {
    nodeModule.createRequire(import.meta.url).resolve('@swc/wasm-typescript')
  } catch {
    throw new ConfigError(
      `Node.js ${process.versions.node} does not load TypeScript, and the optional package @swc/wasm-typescript is not installed; install it, take Node.js ${STRIPS} or newer, or compile the module to JavaScript`,
    )
  }
}

const hasTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript)

let isHooked = false

/** Has modules loaded as components want it, from now on. */
function hook(): void {
  if (isHooked) return
  isHooked = true
  // Since 22.15; what it replaces runs the hooks in a thread of their own.
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: object) => void }
  if (registerHooks) registerHooks(hasTypeScript() ? { resolve } : { resolve, load })
  else nodeModule.register(new URL(`./module-hooks${path.extname(import.meta.url)}`, import.meta.url))
}

/** The functions of a module, or of the object that is its default export. */
export function callbacksOf(exports: Record<string, unknown>, module: string): ComponentCallbacks {
  const { default: whole } = exports
  const found = exports.onJoin === undefined && typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>) : exports
  for (const name of Object.keys(found)) {
    const meant = NAMES.find((other) => other.toLowerCase() === name.toLowerCase().replaceAll('_', ''))
    if (meant && meant !== name) throw new ConfigError(`${module} exports ${name}; the name is ${meant}`)
  }
  if (found.onJoin === undefined)
    throw new ConfigError(`${module} exports no onJoin; add: export async function onJoin(session, { extra, log, signal }) { ... }`)
  for (const name of NAMES)
    if (found[name] !== undefined && typeof found[name] !== 'function')
      throw new ConfigError(`${name} of ${module} is no function; export one`)
  return found as unknown as ComponentCallbacks
}

/** The stack for who wrote the module: it says where. Of what is no JavaScript or TypeScript the message does. */
export function whyNotLoaded(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || /strip-only mode/.test(message))
    return `${message}; only types are taken out: write it without, or compile it to JavaScript first`
  // package.json as `npm init` makes it.
  if (/outside a module|Unexpected token 'export'/.test(message))
    return `${message}; say "type": "module" in the package.json beside it, or name it .mts or .mjs`
  if (code === 'ERR_MODULE_NOT_FOUND' || error instanceof SyntaxError) return message
  return error.stack ?? message
}
