import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import path from 'node:path'

/** The project's folder; every child process runs there. */
export const root = path.resolve(import.meta.dirname, '..')

/** A failure that needs no stack trace: its message says what to do. */
export class Failure extends Error {}

/** One line about what is being done. On stderr, so that a command's own output stays clean. @param {string} text */
export const say = (text) => console.error(text)

/** Milliseconds that children get to end after a signal, before they are killed. */
const END_MS = 10_000

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()
/** @type {NodeJS.Signals | undefined} */
let stopping

/** @param {NodeJS.Signals} signal */
function pass(signal) {
  stopping ??= signal
  // Ctrl-C on a terminal reaches the children by itself; a second one would make them give up their clean-up.
  end(signal === 'SIGINT' && process.stdin.isTTY ? undefined : signal)
}

/** @param {NodeJS.Signals | undefined} signal */
function end(signal) {
  if (signal) for (const child of children) child.kill(signal)
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL')
  }, END_MS).unref()
}

/** Ends the children that still run, unless a signal is doing so already. */
export function endChildren() {
  if (!stopping) end('SIGTERM')
}

/** @type {NodeJS.Signals[]} */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Starts a child in the project's folder and waits for its end. While children run, signals are passed on to them, and
 * this process ends with them.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {(child: import('node:child_process').ChildProcess) => void} [started]
 * @returns {Promise<number>} exit code; 128 and the signal's number when a signal ended it
 */
function child(command, args, options, started) {
  return new Promise((resolve, reject) => {
    const spawned = spawn(command, args, { cwd: root, ...options })
    if (children.size === 0) for (const signal of PASSED_ON) process.on(signal, pass)
    children.add(spawned)
    const ended = () => {
      children.delete(spawned)
      if (children.size > 0) return
      for (const signal of PASSED_ON) process.off(signal, pass)
      if (stopping) process.exit(128 + constants.signals[stopping])
    }
    spawned.once('error', (error) => {
      ended()
      reject(new Failure(`${command} cannot be started: ${error.message}`))
    })
    spawned.once('close', (code, signal) => {
      ended()
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM'])
    })
    started?.(spawned)
  })
}

/** Milliseconds between two looks whether npm is still there. */
const ORPHAN_MS = 500

/**
 * Ends this process, as by SIGTERM, when the npm that runs it has ended: npm passes signals to its shell, and most
 * shells die of them without passing them on.
 */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, ORPHAN_MS)
  watch.unref()
}

/**
 * Runs a command on this terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, stdin?: 'inherit' | 'ignore', shell?: boolean }} [options] `env` is added to this process's
 * @returns {Promise<number>} exit code
 */
export function run(command, args, { env, stdin = 'inherit', shell = false } = {}) {
  return child(command, args, { stdio: [stdin, 'inherit', 'inherit'], env: { ...process.env, ...env }, shell })
}

/**
 * Runs a command without showing its output, unless it fails.
 * @param {string} what what it does, for the failure's message
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @throws {Failure} with the whole output
 */
export async function runQuietly(what, command, args, { env, shell = false } = {}) {
  /** @type {Buffer[]} */
  const output = []
  const code = await child(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, shell }, (spawned) => {
    spawned.stdout?.on('data', (data) => output.push(data))
    spawned.stderr?.on('data', (data) => output.push(data))
  })
  if (code !== 0) throw new Failure(`${Buffer.concat(output).toString().trimEnd()}\n\n${what} failed (exit code ${code}).`)
}

/**
 * How to call npm: the one that called this script, else the one on the path (a .cmd file on Windows, which needs a shell).
 * @param {readonly string[]} args
 * @returns {{ command: string, args: readonly string[], shell: boolean }}
 */
export function npm(args) {
  const caller = process.env.npm_execpath
  if (caller && path.basename(caller) === 'npm-cli.js') return { command: process.execPath, args: [caller, ...args], shell: false }
  return { command: 'npm', args, shell: process.platform === 'win32' }
}

/** A program of an installed package: its file, for `node`. @param {string} file under node_modules */
export const packaged = (file) => path.join(root, 'node_modules', file)
