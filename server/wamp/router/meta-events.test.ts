import { expect, it } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh, type TestPeer, type Tuple } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

/** Hears meta events below a topic, about one session. */
async function listen(listener: TestPeer, topic: string, session: number) {
  await listener.subscribe(topic, { match: 'prefix' })
  return async () => {
    const events = await listener.rest(M.EVENT)
    const about = events.filter(([, , , , args]) => {
      const [first] = args as Tuple
      return first === session || (first as { session?: number }).session === session
    })
    return about.map(([, , , details, args]) => [(details as { topic: string }).topic.replace(/^wamp\.\w+\./, ''), args as Tuple] as const)
  }
}

routerContract('meta events', ({ join }) => {
  it('sessions: on_join and on_leave', async () => {
    const listener = await join()
    await listener.subscribe('wamp.session.on_join')
    await listener.subscribe('wamp.session.on_leave')
    const peer = await join({ authid: 'ada' })
    const [, , , , joined] = await listener.hear(M.EVENT)
    expect(joined).toEqual([
      {
        session: peer.session,
        authid: 'ada',
        authrole: 'staff',
        authmethod: 'ticket',
        authprovider: 'static',
        transport: expect.objectContaining({ type: expect.any(String) }),
      },
    ])
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    const [, , , , left] = await listener.hear(M.EVENT)
    expect(left).toEqual([peer.session, 'ada', 'staff'])
  })

  it('subscriptions: made and taken away by the first and last subscriber', async () => {
    const [listener, a, b] = [await join(), await join(), await join()]
    const heard = await listen(listener, 'wamp.subscription.', a.session)
    const topic = fresh('topic')
    const id = await a.subscribe(topic, { match: 'prefix' })
    const created = { id, uri: topic, match: 'prefix', created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) }
    expect(await heard()).toEqual([
      ['on_create', [a.session, created]],
      ['on_subscribe', [a.session, id]],
    ])
    await a.subscribe(topic, { match: 'prefix' })
    await b.subscribe(topic, { match: 'prefix' })
    await b.ask(M.UNSUBSCRIBE, id)
    expect(await heard()).toEqual([])
    a.cut()
    await expect.poll(heard).toEqual([
      ['on_unsubscribe', [a.session, id]],
      ['on_delete', [a.session, id]],
    ])
  })

  it('registrations: made and taken away by the first and last callee', async () => {
    const [listener, a, b] = [await join(), await join(), await join()]
    const heard = await listen(listener, 'wamp.registration.', a.session)
    const uri = fresh('procedure')
    const id = await a.register(uri, { invoke: 'random' })
    const created = { id, uri, match: 'exact', invoke: 'random', created: expect.stringMatching(/Z$/) }
    expect(await heard()).toEqual([
      ['on_create', [a.session, created]],
      ['on_register', [a.session, id]],
    ])
    await b.register(uri, { invoke: 'random' })
    await b.ask(M.UNREGISTER, id)
    expect(await heard()).toEqual([])
    await a.ask(M.UNREGISTER, id)
    expect(await heard()).toEqual([
      ['on_unregister', [a.session, id]],
      ['on_delete', [a.session, id]],
    ])
  })

  it('an answer comes before an event of what it grants', async () => {
    const peer = await join()
    const id = await peer.subscribe('wamp.subscription.on_subscribe')
    await peer.register(fresh('procedure'))
    expect(await peer.rest(M.EVENT)).toEqual([[M.EVENT, id, expect.any(Number), {}, [peer.session, id]]])
    const at = (type: number) => peer.heard.findIndex((tuple) => tuple[0] === type)
    expect(at(M.SUBSCRIBED)).toBeLessThan(at(M.EVENT))
  })

  it('who may not use the meta API hears none, by whatever pattern', async () => {
    const [bo, ada] = [await join({ authid: 'bo' }), await join({ authid: 'ada' })]
    expect((await bo.ask(M.SUBSCRIBE, {}, 'wamp.session.on_join'))[4]).toBe('wamp.error.not_authorized')
    expect((await bo.ask(M.SUBSCRIBE, { match: 'prefix' }, 'wamp.'))[4]).toBe('wamp.error.not_authorized')
    for (const [topic, match] of [
      ['', 'prefix'],
      ['wam', 'prefix'],
      ['..on_join', 'wildcard'],
    ])
      await bo.subscribe(topic as string, { match })
    await ada.subscribe('..on_join', { match: 'wildcard' })
    const { session } = await join()
    expect((await ada.hear(M.EVENT))[4]).toMatchObject([{ session }])
    const topics = (await bo.rest(M.EVENT)).map(([, , , details]) => (details as Dict).topic as string)
    expect(topics.filter((topic) => topic.startsWith('wamp.'))).toEqual([])
  })
})
