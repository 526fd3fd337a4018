import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { AddressGuard } from './guard.ts'

const guard = new AddressGuard()

describe('an address', () => {
  it.each([
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
    ],
    ...['192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '224.0.0.251', '240.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b:1::1',
      '2002:7f00:1::',
    ],
    ...['2001::1', '2001:db8::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '100::1', '3fff::1'],
    ...['', 'localhost', '127.1', '0x7f.1', '1.2.3.4.5'],
  ])('%s is posted to by nobody', (address) => {
    expect(guard.allows(address)).toBe(false)
  })

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '100.63.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
  ])('%s is of the internet', (address) => {
    expect(guard.allows(address)).toBe(true)
  })

  it('of a network that is allowed passes, and no other', () => {
    const mine = new AddressGuard(['192.168.1.0/24', 'fd00::/8'])
    expect(['192.168.1.7', '::ffff:192.168.1.7', 'fd00::7'].map((address) => mine.allows(address))).toEqual([true, true, true])
    expect(['192.168.2.7', '127.0.0.1', 'fe80::1'].map((address) => mine.allows(address))).toEqual([false, false, false])
  })

  it('that is written as one is checked without being looked up', () => {
    expect(() => guard.check('127.0.0.1')).toThrow(/webhooks\.allow/)
    expect(() => guard.check('::1')).toThrow()
    expect(() => guard.check('1.1.1.1')).not.toThrow()
    expect(() => guard.check('localhost')).not.toThrow()
  })
})

describe('a name', () => {
  const asked = (answers: LookupAddress[], options: object) =>
    new Promise((resolve) => {
      const guard = new AddressGuard([], (_name, callback) => callback(null, answers))
      guard.lookup('receiver.example', options, (error, address, family) => resolve(error ? error.message : [address, family]))
    })
  const inside = { address: '10.0.0.1', family: 4 }
  const outside = { address: '1.1.1.1', family: 4 }

  it('leads to those of its addresses alone that pass', async () => {
    expect(await asked([inside, outside], { all: true })).toEqual([[outside], undefined])
    expect(await asked([inside, outside], {})).toEqual(['1.1.1.1', 4])
  })

  it('all of whose addresses are internal leads nowhere', async () => {
    expect(await asked([inside, { address: '::1', family: 6 }], { all: true })).toMatch(/receiver\.example is an internal address/)
    expect(await asked([], {})).toMatch(/internal/)
  })
})
