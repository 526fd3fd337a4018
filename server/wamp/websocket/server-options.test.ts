import { describe, expect, it } from 'vitest'
import { checkCloseCode, closeReason, isSendable } from './close-codes.ts'
import { checkServerOptions, SERVER_DEFAULTS, type ServerOptions } from './server-options.ts'

it('options of the server are the defaults where nothing is said', () => {
  expect(checkServerOptions({})).toEqual(SERVER_DEFAULTS)
  expect(checkServerOptions({ closeCodes: { tooSlow: 4000 } }).closeCodes).toEqual({
    tooLong: 1009,
    tooSlow: 4000,
    shutdown: 1001,
    failure: 1011,
  })
})

it.each<[unknown, string]>([
  [{ colour: 1 }, 'colour'],
  [{ closeCodes: { colour: 1000 } }, 'closeCodes.colour'],
  [{ closeCodes: { failure: 1005 } }, 'closeCodes.failure'],
  [{ closeCodes: { shutdown: 1000.5 } }, 'closeCodes.shutdown'],
  [{ protocols: ['a, b'] }, 'a, b'],
  [{ headers: { 'Sec-WebSocket-Accept': 'x' } }, 'Sec-WebSocket-Accept'],
  [{ headers: { connection: 'x' } }, 'connection'],
  [{ headers: { 'x-a': 'b\r\nc: d' } }, 'x-a'],
  [{ headers: { 'x-a': ['b', 'c\nd'] } }, 'x-a'],
  [{ serverName: 'a\nb' }, 'serverName'],
  [{ allowedOrigins: ['example.org'] }, 'example.org'],
  [{ externalPort: 0 }, 'externalPort'],
  [{ externalPort: 65_536 }, 'externalPort'],
  [{ maxMessageBytes: 0 }, 'maxMessageBytes'],
  [{ maxMessageBytes: Number.POSITIVE_INFINITY }, 'maxMessageBytes'],
  [{ maxFrameBytes: -1 }, 'maxFrameBytes'],
  [{ openHandshakeTimeoutMs: '5' }, 'openHandshakeTimeoutMs'],
  [{ closeHandshakeTimeoutMs: 0 }, 'closeHandshakeTimeoutMs'],
  [{ pingIntervalMs: -1 }, 'pingIntervalMs'],
  [{ pingTimeoutMs: 0 }, 'pingTimeoutMs'],
  [{ pingPayload: 'é'.repeat(63) }, 'pingPayload'],
  [{ maxConnections: 0 }, 'maxConnections'],
  [{ maxBacklogBytes: Number.NaN }, 'maxBacklogBytes'],
])('%j is refused by name', (options, named) => {
  expect(() => checkServerOptions(options as ServerOptions)).toThrow(named)
})

describe('close codes', () => {
  it('are sent when RFC 6455 or its registry says so', () => {
    const sendable = Array.from({ length: 6000 }, (_, code) => code).filter(isSendable)
    expect(sendable.slice(0, 12)).toEqual([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])
    expect([sendable[12], sendable.at(-1), sendable.length]).toEqual([3000, 4999, 2012])
    expect(() => checkCloseCode(1006, 'closeCodes.failure')).toThrow('closeCodes.failure is 1006')
  })

  it('have reasons that are cut at a character', () => {
    expect(closeReason('a'.repeat(123))).toBe('a'.repeat(123))
    expect(closeReason('a'.repeat(124))).toBe('a'.repeat(123))
    expect(closeReason(`${'a'.repeat(122)}é`)).toBe('a'.repeat(122))
  })
})
