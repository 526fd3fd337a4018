import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../base/log.ts'
import { FakeClock } from '../testing/clock.ts'
import { Acme } from './acme.ts'
import { Challenges } from './acme-challenges.ts'
import { ChallengeFailed, makeAccountKey, type OrderOptions, orderCertificate } from './acme-order.ts'
import { makeAuthority, makeServerCertificate } from './authority.ts'
import type { KeyPair } from './key-pairs.ts'

const NAMES = ['cam.example.org']
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const log = createLog({ level: 'silent' })

let folder: string
let clock: FakeClock
let orders: OrderOptions[]
let times: number[]
let answer: (options: OrderOptions) => Promise<KeyPair>
let opened: Acme[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-acme-'))
  clock = new FakeClock()
  orders = []
  times = []
  opened = []
  const authority = await makeAuthority(NAMES, new Date(clock.now() / 1000))
  answer = () => makeServerCertificate(authority, NAMES, new Date(clock.now() / 1000))
})
afterEach(async () => {
  for (const acme of opened) await acme.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(names = NAMES): Promise<Acme> {
  const acme = new Acme({
    account: { directory: 'https://authority.example:8443/directory', names, email: undefined, externalAccount: undefined },
    folder,
    meanwhile: { version: async () => 'meanwhile', load: async () => ({ key: 'meanwhile', cert: 'meanwhile' }) },
    clock,
    log,
    order: (options) => {
      orders.push(options)
      times.push(clock.monotonic())
      return answer(options)
    },
  })
  opened.push(acme)
  await acme.load()
  acme.start()
  return acme
}

const certificate = async (acme: Acme) => (await acme.source.load()).cert
const received = (acme: Acme) => expect.poll(() => certificate(acme)).not.toBe('meanwhile')
const ordered = (count: number) => expect.poll(() => orders.length).toBe(count)
/** Looks again and again: the order before may still be writing its files. */
const laterOrdered = (count: number) =>
  expect
    .poll(() => {
      clock.advance(10 * MINUTE_MS)
      return orders.length
    })
    .toBe(count)

it('serves the local certificate until the ordered one is there, and tells that it changed', async () => {
  let give = (_: KeyPair) => {}
  const made = await answer({} as OrderOptions)
  answer = () => new Promise((resolve) => (give = resolve))
  const acme = await open()
  await ordered(1)
  expect(await certificate(acme)).toBe('meanwhile')
  const before = await acme.source.version()
  give(made)
  await received(acme)
  expect(await acme.source.version()).not.toBe(before)
})

it('keeps key, account and certificate for their owner alone, and uses them at the next start', async () => {
  const first = await open()
  await received(first)
  await expect
    .poll(() => readdir(join(folder, 'authority.example-8443')).then((files) => files.sort()))
    .toEqual(['account.key', 'certificate.key', 'certificate.pem'])
  for (const file of await readdir(join(folder, 'authority.example-8443')))
    expect((await stat(join(folder, 'authority.example-8443', file))).mode & 0o777).toBe(0o600)
  const again = await open()
  expect(await certificate(again)).toBe(await certificate(first))
  expect(orders).toHaveLength(1)
})

it('orders anew for a name that the kept certificate lacks, by the same account', async () => {
  await received(await open())
  const more = await open([...NAMES, 'www.example.org'])
  expect(await certificate(more)).toBe('meanwhile')
  await ordered(2)
  expect(orders[1]?.accountKey).toBe(orders[0]?.accountKey)
})

it('renews when two thirds of the life are over, and keeps the old one until then', async () => {
  const acme = await open()
  await received(acme)
  const first = await certificate(acme)
  clock.advance(200 * DAY_MS)
  expect(orders).toHaveLength(1)
  clock.advance(66 * DAY_MS)
  await laterOrdered(2)
  await expect.poll(() => certificate(acme)).not.toBe(first)
})

it('proves names in the other way when one fails, and begins with what worked', async () => {
  const works = answer
  answer = (options) => (options.kind === 'http-01' ? works(options) : Promise.reject(new ChallengeFailed('not reached')))
  const acme = await open()
  await received(acme)
  expect(orders.map(({ kind }) => kind)).toEqual(['tls-alpn-01', 'http-01'])
  clock.advance(300 * DAY_MS)
  await laterOrdered(3)
  expect(orders[2]?.kind).toBe('http-01')
})

it('tries again later and later, and not in another way when the authority itself fails', async () => {
  answer = () => Promise.reject(new Error('no answer'))
  await open()
  await ordered(1)
  await new Promise(setImmediate)
  for (let i = 0; i < 7 * 72 && orders.length < 8; i++) {
    clock.advance(10 * MINUTE_MS)
    await new Promise(setImmediate)
  }
  const waits = times.slice(1).map((time, i) => Math.round((time - (times[i] as number)) / MINUTE_MS))
  expect(waits).toEqual([20, 40, 80, 160, 320, 640, 720])
  expect(orders.every(({ kind }) => kind === 'tls-alpn-01')).toBe(true)
})

it('uses a certificate that cannot be kept', async () => {
  const acme = await open()
  await received(acme)
  await rm(folder, { recursive: true })
  await writeFile(folder, '')
  const first = await certificate(acme)
  clock.advance(300 * DAY_MS)
  await laterOrdered(2)
  await expect.poll(() => certificate(acme)).not.toBe(first)
})

it('ends an order when it closes', async () => {
  answer = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const acme = await open()
  await ordered(1)
  await acme.close()
  clock.advance(DAY_MS)
  expect(orders).toHaveLength(1)
})

it('does not order again and again when the new certificate is due already, by a clock that is wrong', async () => {
  const then = new Date(clock.date())
  answer = async () => makeServerCertificate(await makeAuthority(NAMES, then), NAMES, then)
  clock.advance(300 * DAY_MS)
  await received(await open())
  for (let look = 0; look < 6 * 11; look++) {
    clock.advance(10 * MINUTE_MS)
    await new Promise(setImmediate)
  }
  expect(orders).toHaveLength(1)
})

it('goes back to the local certificate when its own has ended', async () => {
  const acme = await open()
  await received(acme)
  answer = () => Promise.reject(new Error('no answer'))
  clock.advance(400 * DAY_MS)
  expect(await certificate(acme)).toBe('meanwhile')
  expect(await certificate(await open())).toBe('meanwhile')
})

it('says in the words of the network that the authority was not reached', async () => {
  const account = { directory: 'https://127.0.0.1:1/directory', names: NAMES, email: undefined, externalAccount: undefined }
  const { signal } = new AbortController()
  const accountKey = await makeAccountKey(signal)
  const order = orderCertificate({ account, accountKey, kind: 'http-01', challenges: new Challenges(), clock, signal })
  await expect(order).rejects.toThrow('the authority was not reached: ECONNREFUSED')
})
