import { afterAll, beforeAll, expect, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { startTestServer, type TestServer } from '../../testing/server.ts'
import { fresh, rawSocketWire, TestPeer, webSocketWire } from '../../testing/wamp.ts'
import { CONTRACT_CONFIGURATION } from '../../testing/wamp-contract.ts'
import { LEAST_MESSAGE_BYTES } from './accept.ts'

let server: TestServer
/** Takes little. */
let small: TestPeer
let other: TestPeer
beforeAll(async () => {
  server = await startTestServer({ file: { wamp: CONTRACT_CONFIGURATION } })
  const power = Math.log2(LEAST_MESSAGE_BYTES) - 9
  small = await new TestPeer(await rawSocketWire(server.app.address.port, 'json', power)).join()
  other = await new TestPeer(await webSocketWire(server.url, 'json')).join()
})
afterAll(() => server.close())

const LARGE = ['x'.repeat(LEAST_MESSAGE_BYTES)]

test('an event that its subscriber cannot take is lost for them, and counted', async () => {
  const topic = fresh('topic')
  for (const peer of [small, other]) await peer.subscribe(topic)
  await other.publish(topic, LARGE, undefined, { exclude_me: false })
  await other.publish(topic, ['small'])
  expect((await small.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([['small']])
  expect((await other.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([LARGE])
  expect(await other.result('wamp.session.get', small.session)).toMatchObject({ events_lost: 1 })
})

test('a result, or an error, that its caller cannot take is an error that they can', async () => {
  const uri = fresh('procedure')
  await other.register(uri)
  for (const type of [M.YIELD, M.ERROR]) {
    const answer = small.ask(M.CALL, {}, uri)
    const [, request] = await other.hear(M.INVOCATION)
    if (type === M.YIELD) other.send(M.YIELD, request, {}, LARGE)
    else other.send(M.ERROR, M.INVOCATION, request, {}, 'com.example.error', LARGE)
    expect((await answer)[4]).toBe(type === M.YIELD ? 'wamp.error.payload_size_exceeded' : 'com.example.error')
  }
})

test('a call that its callee cannot take is an error, and the callee goes on', async () => {
  const uri = fresh('procedure')
  await small.register(uri)
  small.serve(() => ['mine'])
  expect((await other.ask(M.CALL, {}, uri, LARGE))[4]).toBe('wamp.error.payload_size_exceeded')
  expect(await other.result(uri)).toBe('mine')
})
