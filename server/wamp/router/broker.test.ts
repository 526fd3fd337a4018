import { describe, expect, it } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh } from '../../testing/wamp.ts'
import { routerContract, STRICT } from '../../testing/wamp-contract.ts'

routerContract('publish and subscribe', ({ serializer, join }) => {
  it('an event reaches who subscribed, with what was said, and absent parts stay absent', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topic = fresh('topic')
    const subscription = await subscriber.subscribe(topic)
    const said: [unknown[]?, Record<string, unknown>?][] = [
      [],
      [[]],
      [[1, 'two', null, [3.5], { four: false }]],
      [[], { color: 'red' }],
      [[{}], {}],
    ]
    for (const [args, kwargs] of said) {
      const publication = await publisher.publish(topic, args, kwargs)
      const payload = kwargs ? [args, kwargs] : args ? [args] : []
      expect(await subscriber.hear(M.EVENT)).toEqual([M.EVENT, subscription, publication, {}, ...payload])
    }
  })

  it('bytes come as bytes', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topic = fresh('topic')
    await subscriber.subscribe(topic)
    // As JSON has them ("Binary support in JSON").
    const bytes = serializer === 'json' ? '\0AAH+/w==' : Uint8Array.of(0, 1, 254, 255)
    await publisher.publish(topic, [bytes], { bytes })
    const [, , , , args, kwargs] = await subscriber.hear(M.EVENT)
    const plain = (value: unknown) => (value instanceof Uint8Array ? Uint8Array.from(value) : value)
    expect(plain((args as unknown[])[0])).toEqual(bytes)
    expect(plain((kwargs as { bytes: unknown }).bytes)).toEqual(bytes)
  })

  it('is answered only when it asks to be', async () => {
    const peer = await join()
    peer.send(M.PUBLISH, 70, {}, fresh('topic'))
    peer.send(M.PUBLISH, 71, { acknowledge: true }, fresh('topic'))
    peer.send(M.PUBLISH, 72, {}, 'wamp.not.mine')
    await peer.settled()
    expect(peer.heard.filter(([type]) => type === M.PUBLISHED || type === M.ERROR).map(([, a, b]) => [a, b])).toEqual([
      [71, expect.any(Number)],
      [M.UNSUBSCRIBE, 1],
    ])
  })

  it('events come in the order of their publications, over several topics', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topics = [fresh('a'), fresh('b')] as const
    for (const topic of topics) await subscriber.subscribe(topic)
    for (let i = 0; i < 50; i++) publisher.send(M.PUBLISH, i + 1, {}, topics[i % 2], [i])
    await publisher.settled()
    const events = await subscriber.rest(M.EVENT)
    expect(events.map(([, , , , args]) => (args as number[])[0])).toEqual([...Array(50).keys()])
  })

  it('subscribing again is the same subscription; another session’s, too', async () => {
    const [a, b] = [await join(), await join()]
    const topic = fresh('topic')
    const subscription = await a.subscribe(topic)
    expect(await a.subscribe(topic)).toBe(subscription)
    expect(await b.subscribe(topic)).toBe(subscription)
    expect(await b.subscribe(topic, { match: 'prefix' })).not.toBe(subscription)
    expect(await a.ask(M.UNSUBSCRIBE, subscription)).toEqual([M.UNSUBSCRIBED, 3])
    await a.publish(topic, [], undefined, { exclude_me: false })
    expect(await a.rest(M.EVENT)).toEqual([])
    expect(await b.rest(M.EVENT)).toHaveLength(2)
  })

  it('unsubscribing what is not subscribed is an error', async () => {
    const [a, b] = [await join(), await join()]
    const subscription = await a.subscribe(fresh('topic'))
    for (const [peer, id] of [
      [a, 2 ** 53],
      [b, subscription],
    ] as const)
      expect((await peer.ask(M.UNSUBSCRIBE, id)).slice(0, 5)).toEqual([
        M.ERROR,
        M.UNSUBSCRIBE,
        expect.any(Number),
        {},
        'wamp.error.no_such_subscription',
      ])
  })

  describe('Pattern-based Subscriptions', () => {
    it('a prefix and a wildcard hear what fits, and are told the topic; an exact one is not', async () => {
      const [publisher, subscriber] = [await join(), await join()]
      const base = fresh('tree')
      const [exact, prefix, wild] = [
        await subscriber.subscribe(`${base}.x.leaf`),
        await subscriber.subscribe(`${base}.x`, { match: 'prefix' }),
        await subscriber.subscribe(`${base}..leaf`, { match: 'wildcard' }),
      ]
      for (const topic of [`${base}.x.leaf`, `${base}.xy`, `${base}.z.leaf`, `${base}.z.leaf.more`, `${base}.leaf`])
        await publisher.publish(topic)
      const events = await subscriber.rest(M.EVENT)
      expect(events.map(([, subscription, , details]) => [subscription, details])).toEqual([
        [exact, {}],
        [prefix, { topic: `${base}.x.leaf` }],
        [wild, { topic: `${base}.x.leaf` }],
        [prefix, { topic: `${base}.xy` }],
        [wild, { topic: `${base}.z.leaf` }],
      ])
      expect(new Set(events.slice(0, 3).map(([, , publication]) => publication)).size, 'one publication').toBe(1)
    })

    it('a way to match that is none is an error', async () => {
      const answer = await (await join()).ask(M.SUBSCRIBE, { match: 'regex' }, fresh('topic'))
      expect(answer[4]).toBe('wamp.error.option_not_allowed')
    })
  })

  describe('Subscription Revocation', () => {
    it('is told to who announced it', async () => {
      const [owner, subscriber, bare] = [await join(), await join(), await join({ roles: { subscriber: {}, caller: {} } })]
      const topic = fresh('topic')
      const subscription = await subscriber.subscribe(topic)
      await bare.subscribe(topic)
      for (const { session } of [subscriber, bare])
        await owner.call('wamp.subscription.remove_subscriber', [subscription, session, 'com.example.why'])
      expect(await subscriber.hear(M.UNSUBSCRIBED)).toEqual([M.UNSUBSCRIBED, 0, { subscription, reason: 'com.example.why' }])
      expect(await bare.rest(M.UNSUBSCRIBED)).toEqual([])
      await owner.publish(topic)
      expect(await subscriber.rest(M.EVENT)).toEqual([])
    })
  })

  describe('URIs', () => {
    const answers = async (realm: string | undefined, type: number, uri: string, options = {}) => {
      const peer = await join(realm ? { realm } : {})
      return (await peer.ask(type, { acknowledge: true, ...options }, uri))[4]
    }

    it.each([
      ['with white space', 'com.example.a b'],
      ['with #', 'com.example.a#b'],
      ['with an empty component', 'com..example'],
      ['empty', ''],
      ['too long', 'a'.repeat(1025)],
    ])('loose: %s is refused', async (_, uri) => {
      for (const type of [M.PUBLISH, M.SUBSCRIBE, M.CALL, M.REGISTER])
        expect(await answers(undefined, type, uri)).toBe('wamp.error.invalid_uri')
    })

    it('strict: upper case and other scripts are refused, and loose takes them', async () => {
      for (const uri of ['com.Example', 'com.beispiel.größe', 'com.exa-mple']) {
        expect(await answers(STRICT, M.SUBSCRIBE, uri)).toBe('wamp.error.invalid_uri')
        expect(await answers(undefined, M.SUBSCRIBE, uri)).toBeUndefined()
      }
      expect(await answers(STRICT, M.SUBSCRIBE, 'com.my_app.1')).toBeUndefined()
      expect(await answers(STRICT, M.SUBSCRIBE, 'com..Big', { match: 'wildcard' })).toBe('wamp.error.invalid_uri')
      expect(await answers(STRICT, M.SUBSCRIBE, 'com..1', { match: 'wildcard' })).toBeUndefined()
    })

    it('wamp. is the router’s own', async () => {
      for (const type of [M.PUBLISH, M.REGISTER])
        for (const uri of ['wamp', 'wamp.session.mine']) expect(await answers(undefined, type, uri)).toBe('wamp.error.invalid_uri')
      expect(await answers(undefined, M.PUBLISH, 'wampum.beads')).toBeUndefined()
    })
  })
})
