import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as M from '../../shared/wamp/messages.ts'
import { ConfigError } from '../base/errors.ts'
import { listen, RUNNER } from '../testing/wamp-peer.ts'
import { callbacksOf, whyNotLoaded } from './component-module.ts'
import { stripped } from './module-hooks.ts'
import { run } from './run.ts'
import { authFor } from './run-auth.ts'
import { RUN_OPTIONS, RUN_SECRETS, readHeaders, readProxy, readSerializers } from './run-options.ts'

const SECRET = 'a secret of tests'
/** Milliseconds in which a component that is told to stop has ended. */
const STOP_MS = 5000

/** Where the command's modules are, in the form that RUNNER has. */
const PROGRAM_FILE = pathToFileURL(join(dirname(RUNNER.at(-1) as string), 'cli', 'x'))
const PROGRAM_EXT = extname(RUNNER.at(-1) as string)

let folder: string
let server: Awaited<ReturnType<typeof listen>>
const running: ChildProcessByStdio<null, Readable, Readable>[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-run-'))
  server = await listen()
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  await server.close()
  rmSync(folder, { recursive: true })
})

function written(name: string, code: string): string {
  const file = join(folder, name)
  writeFileSync(file, code)
  return file
}

/** `porthole run ...`, as a process. */
function porthole(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...RUNNER, 'run', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const ended = Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]).then(([out, err, code]) => ({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }))
  return { child, ended }
}

const on = (module: string, ...more: string[]) => [module, '--url', server.url, '--realm', 'garden', ...more]

describe('porthole run', { timeout: 60_000 }, () => {
  it('hosts a module: joins, joins again after a lost connection, and leaves at SIGTERM', async () => {
    const module = written(
      'lamp.ts',
      `import { ApplicationError, type Session } from 'porthole/wamp'
      interface Extra { readonly watts: number }
      export async function onJoin(session: Session, { extra, signal }: { extra: Extra; signal: AbortSignal }): Promise<void> {
        await session.register('com.lamp.watts', (args: readonly unknown[]): number => {
          if (args.length > 0) throw new ApplicationError('com.lamp.error.fixed', [extra.watts])
          return extra.watts
        })
        // Nobody awaits it, and it keeps the process: neither may matter.
        session.call('com.unanswered')
        setInterval(() => {}, 1000)
        console.log('env ' + Object.keys(process.env).filter((name) => name.startsWith('PORTHOLE_RUN_')))
      }
      export const onLeave = ({ reason }: { reason: string }) => console.log('left ' + reason)
      export const onDisconnect = (wasClean: boolean) => console.log('disconnected ' + wasClean)`,
    )
    const args = on(module, '--extra', '{"watts":60}', '--header', 'X-Garden: yes', '--authid', 'lamp', '--serializers', 'json,cbor')
    const { child, ended } = porthole(args, { PORTHOLE_RUN_TICKET: SECRET, PORTHOLE_RUN_AUTHORIZATION: `Bearer ${SECRET}` })
    for (const isLast of [false, true]) {
      const router = await server.next()
      const { realm, details } = await router.hear(M.HELLO)
      expect({ realm, details }).toMatchObject({ realm: 'garden', details: { authid: 'lamp', authmethods: ['ticket'] } })
      router.say({ type: M.CHALLENGE, method: 'ticket', extra: {} })
      expect((await router.hear(M.AUTHENTICATE)).signature).toBe(SECRET)
      router.say({ type: M.WELCOME, session: 9, details: { authid: 'lamp', authmethod: 'ticket' } })
      await router.hear(M.REGISTER)
      router.say({ type: M.REGISTERED, request: 1, registration: 3 })
      await router.hear(M.CALL)
      router.say({ type: M.INVOCATION, request: 1, registration: 3, details: {} })
      expect((await router.hear(M.YIELD)).args).toEqual([60])
      router.say({ type: M.INVOCATION, request: 2, registration: 3, details: {}, args: [75] })
      expect(await router.hear(M.ERROR)).toMatchObject({ error: 'com.lamp.error.fixed', args: [60] })
      if (!isLast) {
        router.close()
        continue
      }
      child.kill('SIGTERM')
      child.kill('SIGTERM')
      await router.hear(M.GOODBYE)
      router.say({ type: M.GOODBYE, details: {}, reason: 'wamp.close.goodbye_and_out' })
    }
    const { code, out, err } = await ended
    expect({ code, out: out.split('\n') }).toEqual({
      code: 0,
      out: [
        ...['env ', 'left wamp.error.network_failure', 'disconnected false'],
        ...['env ', 'left wamp.close.close_realm', 'disconnected true', ''],
      ],
    })
    expect(server.requests[1]?.headers).toMatchObject({
      ...{ 'x-garden': 'yes', authorization: `Bearer ${SECRET}`, 'sec-websocket-protocol': 'wamp.2.json,wamp.2.cbor' },
    })
    expect(err).not.toContain(SECRET)
    const lines = err
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg)
    const life = ['connecting', 'joined', 'onJoin is done', 'left', 'disconnected']
    const lost = 'a promise was rejected, and nobody looked'
    expect(lines.filter((line) => line !== lost)).toEqual([...life, 'connecting again later', ...life])
  })

  it('ends in time at SIGINT, though router and module do not', async () => {
    const module = written(
      'stuck.mjs',
      'export const onJoin = () => new Promise(() => setInterval(() => {}, 1000)); export const onLeave = onJoin',
    )
    const { child, ended } = porthole(on(module))
    const router = await server.next()
    await router.welcome()
    const told = performance.now()
    child.kill('SIGINT')
    await router.hear(M.GOODBYE)
    expect((await ended).code).toBe(0)
    expect(performance.now() - told).toBeLessThan(STOP_MS)
  })

  it('gives up with status 1 where it cannot join, or its module fails', async () => {
    const module = written('broken.js', 'module.exports = { onJoin: async () => { throw new Error("no lens") } }')
    const refused = porthole(on(module))
    const first = await server.next()
    await first.hear(M.HELLO)
    first.say({ type: M.ABORT, details: { message: 'there is no such realm' }, reason: 'wamp.error.no_such_realm' })
    expect(await refused.ended).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\nporthole: gave up: wamp\.error\.no_such_realm: there is no such realm\n$/),
    })
    const failing = porthole(on(module))
    const second = await server.next()
    await second.welcome()
    await second.hear(M.GOODBYE)
    second.say({ type: M.GOODBYE, details: {}, reason: 'wamp.close.goodbye_and_out' })
    expect(await failing.ended).toMatchObject({ code: 1, err: expect.stringMatching(/\nporthole: gave up: onJoin failed: no lens\n$/) })
    const alone = porthole([module, '--url', 'ws://127.0.0.1:1', '--realm', 'r', '--no-reconnect'])
    expect(await alone.ended).toMatchObject({ code: 1, err: expect.stringContaining('gave up: connect ECONNREFUSED') })
  })

  it('refuses what cannot be used, and says the mend', async () => {
    const good = written('good.mjs', 'export const onJoin = () => {}')
    const cases: [string[], RegExp][] = [
      [[], /say one module/],
      [[good, '--realm', 'r'], /say --url/],
      [[good, '--url', 'ws://h'], /say --realm/],
      [[good, '--url', 'http://h', '--realm', 'r'], /--url: http:\/\/h begins with none of ws:/],
      [on(good, '--extra', '{'), /--extra is no JSON/],
      [on(good, '--auth', 'ticket'), /--auth ticket needs a secret; put it into PORTHOLE_RUN_TICKET/],
      [on(good, '--ca', join(folder, 'none.pem')), /--ca .*none\.pem cannot be read \(ENOENT\)/],
      [on(good, '--cert', good), /--cert and --key go together/],
      [on(good, '--turn'), /Unknown option '--turn'/],
    ]
    for (const [args, message] of cases) {
      await expect(run(args), args.join(' ')).rejects.toThrow(message)
      await expect(run(args), args.join(' ')).rejects.toBeInstanceOf(ConfigError)
    }
  })

  it('refuses a module that cannot be used, and says the mend', async () => {
    const cases: [string, RegExp][] = [
      [join(folder, 'none.ts'), /there is no module/],
      [folder, /is no module; say a \.ts/],
      [written('empty.ts', 'export const x: number = 1'), /exports no onJoin; add: export async function onJoin\(session/],
      [written('wrong.mjs', 'export function on_join() {}'), /exports on_join; the name is onJoin/],
      [
        written('enum.ts', 'export enum Lamp { On }'),
        /cannot be loaded: .*enum is not supported.*; only types are taken out: write it without/,
      ],
      [written('broken.ts', 'export const onJoin = (: number'), /cannot be loaded: /],
      [written('throws.mjs', 'throw new Error("no sun")'), /cannot be loaded: Error: no sun\n +at .*throws\.mjs:1/],
      [written('missing.mjs', 'import "./nowhere.mjs"; export const onJoin = 1'), /cannot be loaded: Cannot find module/],
    ]
    // In a process of its own, since a test runner has its own ways to load modules.
    const load = `
      const { loadComponent } = await import(${JSON.stringify(new URL('./component-module', PROGRAM_FILE).href + PROGRAM_EXT)})
      for (const module of process.argv.slice(1)) await loadComponent(module).catch((error) => console.log(JSON.stringify(error.constructor.name + ' ' + error.message)))`
    const child = spawn(process.execPath, [...RUNNER.slice(0, -1), '--input-type=module', '-e', load, ...cases.map(([module]) => module)])
    const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
    const said = Buffer.concat(out).toString().trim().split('\n')
    expect(said, Buffer.concat(err).toString()).toHaveLength(cases.length)
    for (const [i, [, message]] of cases.entries())
      expect(JSON.parse(said[i] as string)).toMatch(new RegExp(`^ConfigError .*${message.source}`))
    expect(await porthole(on(cases[2]?.[0] as string)).ended).toEqual({
      code: 64,
      out: '',
      err: expect.stringMatching(/^porthole: .* exports no onJoin/),
    })
  })
})

describe('its parts', () => {
  it('has every option and secret in the documentation, and none besides', () => {
    const page = readFileSync(new URL('../../docs/components.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `(--[a-z-]+)(?: ([^`]+))?` \| /gm)].map(([, name, value]) => [name, value])
    const { help, ...options } = RUN_OPTIONS
    expect(rows).toEqual(Object.entries(options).map(([name, option]) => [`--${name}`, 'value' in option ? option.value : undefined]))
    const secrets = [...page.matchAll(/^\| `(PORTHOLE_RUN_[A-Z_]+)` \| /gm)].map(([, name]) => name)
    expect(secrets).toEqual(Object.keys(RUN_SECRETS))
  })

  it('reads headers, proxies and serializers', () => {
    expect(readHeaders(['A: b', 'C:d: e', 'E:'])).toEqual({ A: 'b', C: 'd: e', E: '' })
    for (const line of ['A', 'A b: c', 'A: b\r\nC: d']) expect(() => readHeaders([line])).toThrow('--header A')
    expect(readProxy('proxy.example:3128', 'Basic eA==')).toEqual({ host: 'proxy.example', port: 3128, authorization: 'Basic eA==' })
    expect(readProxy('[::1]:80', undefined)).toEqual({ host: '::1', port: 80 })
    for (const address of ['proxy', 'user@proxy:1', 'http://proxy:1', ':1', 'proxy:x', 'proxy:70000'])
      expect(() => readProxy(address, undefined)).toThrow('--proxy')
    expect(readSerializers('json, cbor')).toEqual(['json', 'cbor'])
    expect(() => readSerializers('yaml')).toThrow('--serializers')
  })

  it('signs in by what there is a secret for, or by what it is told', () => {
    const [ticket, key] = [{ PORTHOLE_RUN_TICKET: 't' }, { PORTHOLE_RUN_KEY: '11'.repeat(32) }]
    const methods = (...[only, authid, secrets]: Parameters<typeof authFor>) => authFor(only, authid, secrets)().map(({ method }) => method)
    expect(methods(undefined, undefined, {})).toEqual([])
    expect(methods('anonymous', undefined, ticket)).toEqual(['anonymous'])
    expect(methods(undefined, 'ada', { ...ticket, ...key, PORTHOLE_RUN_PASSWORD: 'p', PORTHOLE_RUN_SECRET: 's' })).toEqual([
      ...['cryptosign', 'scram', 'wampcra', 'ticket'],
    ])
    expect(methods('ticket', 'ada', { ...ticket, ...key })).toEqual(['ticket'])
    expect(methods(undefined, undefined, key)).toEqual(['cryptosign'])
    expect(() => authFor(undefined, undefined, ticket)).toThrow('say with --authid')
    expect(() => authFor('oauth', undefined, {})).toThrow('say one of cryptosign')
    expect(() => authFor(undefined, undefined, { PORTHOLE_RUN_KEY: 'short' })).toThrow('32 bytes in hexadecimal')
  })

  it('takes functions, or a default export of them', () => {
    const onJoin = () => {}
    expect(callbacksOf({ onJoin, helper: 1 }, 'm').onJoin).toBe(onJoin)
    expect(callbacksOf({ default: { onJoin } }, 'm').onJoin).toBe(onJoin)
    expect(() => callbacksOf({ onJoin, onLeave: 1 }, 'm')).toThrow('onLeave of m is no function')
    expect(() => callbacksOf({ default: onJoin }, 'm')).toThrow('exports no onJoin')
  })

  it('says the mend where a module is taken for the older kind', () => {
    expect(whyNotLoaded(new SyntaxError('Cannot use import statement outside a module'))).toMatch(
      /; say "type": "module" in the package\.json/,
    )
  })

  it('takes types out of TypeScript, and nothing else', () => {
    expect(stripped('export const a: number = 1\n', 'a.ts')).toBe('export const a         = 1\n')
    expect(() => stripped('\nenum A { B }', 'a.ts')).toThrow(/enum is not supported in strip-only mode \(a\.ts:2\)/)
    expect(() => stripped('const =', 'a.ts')).toThrow(SyntaxError)
  })
})
