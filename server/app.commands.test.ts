import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ERRORS } from '../shared/protocol/errors.ts'
import { PROGRAM } from './testing/process.ts'
import { basic, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

/** Milliseconds in which what was taken back ends. */
const REVOKED_MS = 1000

let data: string
let server: TestServer
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'porthole-commands-'))
  server = await startTestServer({ data })
})
afterEach(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

/** Runs `porthole ...` as a person would. */
async function porthole(args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [...PROGRAM, ...args, ...(args.includes('--data') ? [] : ['--data', data])])
  child.stdin.end(input)
  const [out, err, code] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number>((resolve) => child.once('close', resolve)),
  ])
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
}
/** What was taken back ends within a second of the command. */
async function within(socket: TestSocket): Promise<void> {
  const began = performance.now()
  expect(await socket.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
  expect(performance.now() - began).toBeLessThan(REVOKED_MS)
}
const done = { code: 0, out: '', err: '' }
const shown = (user: string, password: string) => ({ cookie: '', authorization: basic(user, password) })
const status = async (headers: Record<string, string>) => (await server.call('GET', '/api/v1/cameras', undefined, headers)).status

describe('the command line on a running server', { timeout: 60_000 }, () => {
  it('makes users, cameras and keys that serve at once, and takes them back within a second, with what they have open', async () => {
    expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600)
    expect(await porthole(['user', 'add', 'ada', '--role', 'operator'], 'a password of hers\n')).toEqual(done)
    expect(await porthole(['camera', 'add', 'Front door'])).toEqual({ ...done, out: 'front-door\n' })
    expect(await status(shown('ada', 'a password of hers'))).toBe(200)
    await server.call('PUT', '/api/v1/cameras/front-door/grants/ada', {})
    const { out: key } = await porthole(['key', 'add', '--camera', 'front-door', '--name', 'Gate'])

    const url = server.url.replace('http', 'ws')
    const watching = await new TestSocket(`${url}/ws/live/front-door`, shown('ada', 'a password of hers')).opened()
    const feeding = await new TestSocket(`${url}/ws/publish/front-door`, { authorization: `Bearer ${key.trim()}` }).opened()
    const { out } = await porthole(['key', 'list', '--json'])
    const [listed] = JSON.parse(out) as { id: string }[]
    expect(out).not.toContain(key.trim())
    expect(await porthole(['key', 'rm', listed?.id as string])).toEqual(done)
    await within(feeding)
    expect(await porthole(['user', 'rm', 'ada'])).toEqual(done)
    await within(watching)
    expect(await status(shown('ada', 'a password of hers'))).toBe(401)

    const { body } = await server.call('GET', '/api/v1/audit')
    const { entries } = body as { entries: Record<string, unknown>[] }
    const removed = entries.find(({ what }) => what === 'porthole.user.delete')
    expect(removed).toMatchObject({ by: 'owner', subject: 'ada' })
    expect(removed).not.toHaveProperty('address')
  })

  it('says what is wrong, and ends with a status', async () => {
    const cases: [string[], string, number, RegExp][] = [
      [['user', 'add', 'ada'], '', 64, /the input has no password/],
      [['user', 'add', 'ada'], 'short', 1, /at least 8 characters/],
      [['user', 'rm', 'nobody'], '', 1, /^porthole: There is no such user\.\n$/],
      [['user', 'rm', 'owner'], '', 1, /last owner/],
      [['user', 'add', 'ada', '--role', 'king'], 'x', 64, /say one of viewer, operator, owner/],
      [['key', 'add'], '', 64, /either --camera ID or --user NAME/],
      [['camera', 'turn'], '', 64, /porthole camera add, list, rm/],
    ]
    await Promise.all(
      cases.map(async ([args, input, code, err]) => {
        expect(await porthole(args, input), args.join(' ')).toEqual({ code, out: '', err: expect.stringMatching(err) })
      }),
    )
  })

  it('lets no second server have the directory', async () => {
    await expect(startTestServer({ data })).rejects.toThrow(/another porthole uses .*; stop it, or choose another --data/)
    expect((await server.call('GET', '/api/v1/cameras')).status).toBe(200)
  })
})

describe('the command line without a server', { timeout: 60_000 }, () => {
  it('works on the database, and the next server knows', async () => {
    await server.close()
    expect(existsSync(join(data, 'control.sock'))).toBe(false)
    // Of a server that was killed: a socket that nobody answers.
    const path = join(data, 'control.sock')
    const killed = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    await new Promise((resolve) => killed.once('close', resolve))
    expect(existsSync(path)).toBe(true)
    expect(await porthole(['user', 'add', 'ada'], 'a password of hers')).toEqual(done)
    const { out } = await porthole(['user', 'list'])
    expect(out.split('\n').map((line) => line.split(/ +/))).toEqual([
      ['NAME', 'ROLE', 'PASSWORD'],
      ['ada', 'viewer', 'yes'],
      ['owner', 'owner', 'yes'],
      [''],
    ])
    expect(await porthole(['user', 'passwd', 'ada'], 'another password')).toEqual(done)
    server = await startTestServer({ data })
    expect(await status(shown('ada', 'another password'))).toBe(200)
    expect(await status(shown('ada', 'a password of hers'))).toBe(401)
  })

  it('makes no data directory by mistake', async () => {
    const nowhere = join(data, 'nowhere')
    const { code, err } = await porthole(['user', 'list', '--data', nowhere])
    expect([code, existsSync(nowhere)]).toEqual([64, false])
    expect(err).toMatch(/there is no Porthole in/)
  })
})
