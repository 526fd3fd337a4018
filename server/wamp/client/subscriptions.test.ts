import { describe, expect, it, vi } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { joined, type ScriptedRouter } from '../../testing/wamp-peer.ts'
import type { EventHandler, SubscribeOptions } from './subscriptions.ts'

async function subscribed(handler: EventHandler, options?: SubscribeOptions) {
  const made = await joined()
  const subscribing = made.session.subscribe('com.t', handler, options)
  const sent = await made.router.hear(M.SUBSCRIBE)
  made.router.say({ type: M.SUBSCRIBED, request: sent.request, subscription: 20 })
  return { ...made, sent, subscription: await subscribing }
}

const event = (router: ScriptedRouter, payload: M.Payload = {}, details = {}) =>
  router.say({ type: M.EVENT, subscription: 20, publication: 5, details, ...payload })

/** After all that was said. */
const turn = () => new Promise(setImmediate)

describe('a subscription', () => {
  it('gets events, and learns who published what', async () => {
    const handler = vi.fn()
    const { router, sent } = await subscribed(handler, { match: 'wildcard', getRetained: true })
    expect(sent).toMatchObject({ topic: 'com.t', options: { match: 'wildcard', get_retained: true } })
    event(router, { args: [1], kwargs: { a: 2 } }, { topic: 'com.u', publisher: 9, publisher_authrole: 'viewer', retained: true })
    event(router)
    await turn()
    const unknown = { publisher: undefined, publisherAuthid: undefined, publisherAuthrole: undefined, retained: false }
    expect(handler.mock.calls).toEqual([
      [
        [1],
        { a: 2 },
        expect.objectContaining({ ...unknown, topic: 'com.u', publication: 5, publisher: 9, publisherAuthrole: 'viewer', retained: true }),
      ],
      [[], {}, expect.objectContaining({ ...unknown, topic: 'com.t' })],
    ])
  })

  it('reports what a handler throws, and goes on', async () => {
    const handler = vi.fn((args: M.Args) => {
      if (args[0] === 1) throw new Error('at once')
      return Promise.reject(new Error('later'))
    })
    const { router, session, reported } = await subscribed(handler)
    event(router, { args: [1] })
    event(router, { args: [2] })
    await turn()
    expect(reported.map((error) => (error as Error).message).sort()).toEqual(['at once', 'later'])
    expect(session.isOver).toBe(false)
  })

  it('is one at the router, however many listen', async () => {
    const [first, second] = [vi.fn(), vi.fn()]
    const { router, session, subscription } = await subscribed(first)
    const subscribing = session.subscribe('com.t', second)
    await router.hear(M.SUBSCRIBE)
    // It is left while the other one is about to come: the router must not be told.
    await subscription.unsubscribe()
    router.say({ type: M.SUBSCRIBED, request: 2, subscription: 20 })
    const other = await subscribing
    event(router)
    await turn()
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])

    const unsubscribing = session.unsubscribe(other)
    expect(await router.hear(M.UNSUBSCRIBE)).toMatchObject({ subscription: 20 })
    event(router)
    router.say({ type: M.UNSUBSCRIBED, request: 3 })
    await unsubscribing
    await other.unsubscribe()
    expect(second).toHaveBeenCalledTimes(1)
    expect([router.unheard, session.isOver]).toEqual([[], false])
  })

  it('is left at the router when the one that was about to come was refused', async () => {
    const { router, session, subscription } = await subscribed(() => {})
    const subscribing = session.subscribe('com.t', () => {})
    subscribing.catch(() => {})
    await router.hear(M.SUBSCRIBE)
    await subscription.unsubscribe()
    router.say({ type: M.ERROR, of: M.SUBSCRIBE, request: 2, details: {}, error: 'wamp.error.not_authorized' })
    await expect(subscribing).rejects.toMatchObject({ uri: 'wamp.error.not_authorized' })
    expect(await router.hear(M.UNSUBSCRIBE)).toMatchObject({ subscription: 20 })
  })

  it('comes back by the same id while the last is being left', async () => {
    const [first, second] = [vi.fn(), vi.fn()]
    const { router, session, subscription } = await subscribed(first)
    const unsubscribing = subscription.unsubscribe()
    const subscribing = session.subscribe('com.t', second)
    await router.hear(M.UNSUBSCRIBE)
    await router.hear(M.SUBSCRIBE)
    router.say({ type: M.UNSUBSCRIBED, request: 2 })
    router.say({ type: M.SUBSCRIBED, request: 3, subscription: 20 })
    await Promise.all([unsubscribing, subscribing])
    event(router)
    await turn()
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
  })

  it('is taken back by the router', async () => {
    const onRevoked = vi.fn()
    const { router, subscription } = await subscribed(() => {}, { onRevoked })
    router.say({ type: M.UNSUBSCRIBED, request: 0, details: { subscription: 20, reason: 'com.no_more' } })
    await turn()
    expect(onRevoked.mock.calls).toEqual([['com.no_more']])
    expect(subscription.isActive).toBe(false)
    await subscription.unsubscribe()
    expect(router.unheard).toEqual([])
  })
})

describe('publishing', () => {
  it('is done at once, or waits for the router', async () => {
    const { session, router } = await joined()
    expect(await session.publish('com.t', [1])).toBeUndefined()
    expect(await router.hear(M.PUBLISH)).toEqual({ type: M.PUBLISH, request: 1, options: {}, topic: 'com.t', args: [1], kwargs: undefined })
    const publishing = session.publish('com.t', [], { a: 1 }, { acknowledge: true })
    expect(await router.hear(M.PUBLISH)).toMatchObject({ request: 2, options: { acknowledge: true }, kwargs: { a: 1 } })
    router.say({ type: M.PUBLISHED, request: 2, publication: 77 })
    expect(await publishing).toBe(77)
    const refused = session.publish('com.t', [], {}, { acknowledge: true })
    await router.hear(M.PUBLISH)
    // Of one that asked for no answer: some routers say so.
    router.say({ type: M.ERROR, of: M.PUBLISH, request: 1, details: {}, error: 'wamp.error.not_authorized' })
    router.say({ type: M.ERROR, of: M.PUBLISH, request: 3, details: {}, error: 'wamp.error.not_authorized' })
    await expect(refused).rejects.toMatchObject({ uri: 'wamp.error.not_authorized' })
    expect(session.isOver).toBe(false)
  })

  it('names who may get it as the specification does', async () => {
    const { session, router } = await joined()
    await session.publish(
      'com.t',
      [],
      {},
      {
        ...{ excludeMe: false, exclude: [1], excludeAuthid: ['a'], excludeAuthrole: ['b'] },
        ...{ eligible: [2], eligibleAuthid: ['c'], eligibleAuthrole: ['d'], discloseMe: true, retain: true },
      },
    )
    expect((await router.hear(M.PUBLISH)).options).toEqual({
      ...{ exclude_me: false, exclude: [1], exclude_authid: ['a'], exclude_authrole: ['b'] },
      ...{ eligible: [2], eligible_authid: ['c'], eligible_authrole: ['d'], disclose_me: true, retain: true },
    })
  })
})
