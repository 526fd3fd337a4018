import { expect, it } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { BARE_ROLES, fresh } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

const PPT = { ppt_scheme: 'x_mine', ppt_serializer: 'cbor', ppt_cipher: 'aes256gcm', ppt_keyid: 'key 1' }

routerContract('Payload Passthru Mode', ({ serializer, join }) => {
  const secret = [serializer === 'json' ? '\0AQID' : Uint8Array.of(1, 2, 3)]
  const plain = (args: unknown) => (args as unknown[]).map((arg) => (arg instanceof Uint8Array ? Uint8Array.from(arg) : arg))

  it('events carry it, untouched', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topic = fresh('topic')
    await subscriber.subscribe(topic)
    await publisher.publish(topic, secret, undefined, PPT)
    const [, , , details, args] = await subscriber.hear(M.EVENT)
    expect(details).toEqual(PPT)
    expect(plain(args)).toEqual(secret)
  })

  it('calls, results and errors carry it, untouched', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    for (const type of [M.YIELD, M.ERROR]) {
      const answer = caller.ask(M.CALL, PPT, uri, secret)
      const [, request, , details, args] = await callee.hear(M.INVOCATION)
      expect(details).toEqual(PPT)
      expect(plain(args)).toEqual(secret)
      if (type === M.YIELD) callee.send(M.YIELD, request, PPT, secret)
      else callee.send(M.ERROR, M.INVOCATION, request, PPT, 'com.example.error', secret)
      const said = await answer
      expect(said[type === M.YIELD ? 2 : 3]).toEqual(PPT)
      expect(plain(said.at(-1))).toEqual(secret)
    }
  })

  it('options that are of no passthru are not relayed', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topic = fresh('topic')
    await subscriber.subscribe(topic)
    await publisher.publish(topic, [], undefined, { ppt_cipher: 'aes256gcm', ppt_scheme: '', x_mine: 1 })
    expect((await subscriber.hear(M.EVENT))[3]).toEqual({})
  })

  it('ABORT for who did not announce it', async () => {
    const uri = fresh('procedure')
    const caller = await join()
    for (const message of [
      [M.PUBLISH, 1, PPT, uri],
      [M.CALL, 1, PPT, uri],
    ]) {
      const bare = await join({ roles: BARE_ROLES })
      bare.send(...message)
      expect((await bare.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
      await bare.closed()
    }
    const bare = await join({ roles: BARE_ROLES })
    await bare.register(uri)
    const answer = caller.ask(M.CALL, {}, uri)
    const [, request] = await bare.hear(M.INVOCATION)
    bare.send(M.YIELD, request, PPT, secret)
    expect((await bare.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
    expect((await answer)[4]).toBe('wamp.error.canceled')
  })

  it('an error for who calls, or is called by, somebody who cannot read it', async () => {
    const [able, bare] = [await join(), await join({ roles: BARE_ROLES })]
    const [uri, other] = [fresh('procedure'), fresh('procedure')]
    await bare.register(uri)
    await able.register(other)
    expect((await able.ask(M.CALL, PPT, uri, secret))[4]).toBe('wamp.error.feature_not_supported')
    expect(await bare.rest(M.INVOCATION)).toEqual([])
    const answer = bare.ask(M.CALL, {}, other)
    const [, request] = await able.hear(M.INVOCATION)
    able.send(M.YIELD, request, PPT, secret)
    expect((await able.hear(M.ERROR)).slice(1)).toEqual([M.INVOCATION, request, {}, 'wamp.error.feature_not_supported'])
    expect((await answer)[4]).toBe('wamp.error.feature_not_supported')
  })
})
