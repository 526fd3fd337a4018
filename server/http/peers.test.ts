import { describe, expect, it, test } from 'vitest'
import { networkList } from '../base/networks.ts'
import { Peers } from './peers.ts'

const peers = new Peers(networkList(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']))
const ask = (remoteAddress: string, headers: Record<string, string> = {}) => ({
  headers,
  socket: { remoteAddress, localAddress: '127.0.0.1' },
})

describe('behind trusted proxies', () => {
  test.each([
    ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['127.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['127.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['127.0.0.1', '10.0.0.3', '10.0.0.3'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', 'nonsense', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.9:4000', '203.0.113.9'],
    ['fd00::2', '[2001:db8::1]:4000', '2001:db8::1'],
    ['127.0.0.1', `203.0.113.9${', 10.0.0.1'.repeat(40)}`, '10.0.0.1'],
  ])('%s with X-Forwarded-For %j is %s', (remote, forwarded, address) => {
    expect(peers.address(ask(remote, forwarded ? { 'x-forwarded-for': forwarded } : {}))).toBe(address)
  })

  it('takes scheme and host from them alone', () => {
    const headers = { host: 'inner', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'camera.example' }
    expect([peers.isSecure(ask('10.0.0.2', headers)), peers.host(ask('10.0.0.2', headers))]).toEqual([true, 'camera.example'])
    expect([peers.isSecure(ask('192.0.2.1', headers)), peers.host(ask('192.0.2.1', headers))]).toEqual([false, 'inner'])
    const nobody = new Peers(undefined)
    expect([nobody.isSecure(ask('127.0.0.1', headers)), nobody.host(ask('127.0.0.1', headers))]).toEqual([false, 'inner'])
  })
})
