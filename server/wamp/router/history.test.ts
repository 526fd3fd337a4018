import { describe, expect, it, test } from 'vitest'
import { FakeClock } from '../../testing/clock.ts'
import { fresh, REALM, type TestPeer } from '../../testing/wamp.ts'
import { HISTORY_LIMIT, routerContract, testRouter } from '../../testing/wamp-contract.ts'

interface Kept {
  timestamp: string
  subscription: number
  publication: number
  details: object
  args?: unknown[]
  kwargs?: object
}
const events = async (peer: TestPeer, subscription: unknown, filter: Record<string, unknown> = {}) =>
  ((await peer.call('wamp.subscription.get_events', [subscription], filter))[0] as [Kept[]])[0]
const firsts = (kept: Kept[]) => kept.map(({ args }) => args?.[0])

routerContract('Event History', ({ join }) => {
  it('keeps the last events of a pattern before anybody subscribes', async () => {
    const [publisher, reader] = [await join(), await join()]
    const topic = fresh('topic').replace('com.example', 'com.kept')
    for (let i = 0; i <= HISTORY_LIMIT; i++) await publisher.publish(topic, [i], i === 2 ? { two: true } : undefined)
    const id = await reader.result('wamp.subscription.lookup', 'com.kept.', { match: 'prefix' })
    const kept = await events(reader, id)
    expect(kept.map(({ args, kwargs }) => [args, kwargs])).toEqual([
      [[1], undefined],
      [[2], { two: true }],
      [[3], undefined],
    ])
    expect(kept[0]).toMatchObject({ subscription: id, details: { topic }, timestamp: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(kept.every((event) => !('kwargs' in event) || event.kwargs !== null)).toBe(true)
    expect(await reader.subscribe('com.kept.', { match: 'prefix' })).toBe(id)
  })

  it('of another subscription there is none', async () => {
    const peer = await join()
    await expect(events(peer, await peer.subscribe(fresh('topic')))).rejects.toThrow('wamp.error.no_such_subscription')
    await expect(events(peer, 'x')).rejects.toThrow('wamp.error.no_such_subscription')
  })

  it('what was not for somebody is not in theirs, and what named sessions in nobody’s', async () => {
    const [publisher, ada, bo] = [await join(), await join({ authid: 'ada' }), await join({ authid: 'bo' })]
    const topic = fresh('topic').replace('com.example', 'com.kept')
    await publisher.publish(topic, ['staff'], undefined, { eligible_authrole: ['staff'] })
    await publisher.publish(topic, ['not ada'], undefined, { exclude_authid: ['ada'] })
    await publisher.publish(topic, ['by session'], undefined, { eligible: [ada.session] })
    const id = await ada.result('wamp.subscription.lookup', 'com.kept.', { match: 'prefix' })
    const about = async (peer: TestPeer) => firsts(await events(peer, id, { topic }))
    expect(await about(ada)).toEqual(['staff'])
    expect(await about(bo)).toEqual(['not ada'])
    expect(await about(publisher)).toEqual(['not ada'])
  })
})

describe('filters', () => {
  const clock = new FakeClock()
  const { connect, router } = testRouter(undefined, { clock })
  const at: string[] = []
  const publications: number[] = []
  const reader = (async () => {
    const peer = await connect().join()
    for (let i = 0; i < 5; i++) {
      clock.advance(1000)
      at.push(new Date(clock.date()).toISOString())
      publications.push(await peer.publish('com.kept.one', [i]))
    }
    return { peer, id: await peer.result('wamp.subscription.lookup', 'com.kept.one') }
  })()

  test.each([
    ['none', () => ({}), [0, 1, 2, 3, 4]],
    ['reverse', () => ({ reverse: true }), [4, 3, 2, 1, 0]],
    ['limit', () => ({ limit: 2 }), [0, 1]],
    ['limit of the last', () => ({ limit: 2, reverse: true }), [4, 3]],
    ['from_time', () => ({ from_time: at[3] }), [3, 4]],
    ['after_time', () => ({ after_time: at[3] }), [4]],
    ['before_time', () => ({ before_time: at[1] }), [0]],
    ['until_time', () => ({ until_time: at[1] }), [0, 1]],
    ['another time zone', () => ({ from_time: at[4]?.replace('Z', '-00:00') }), [4]],
    ['from_publication', () => ({ from_publication: publications[3] }), [3, 4]],
    ['after_publication', () => ({ after_publication: publications[3] }), [4]],
    ['before_publication', () => ({ before_publication: publications[1] }), [0]],
    ['until_publication', () => ({ until_publication: publications[1] }), [0, 1]],
    ['all at once', () => ({ after_publication: publications[0], before_time: at[4], limit: 2, reverse: true }), [3, 2]],
    ['an end before the start', () => ({ from_publication: publications[3], until_publication: publications[1] }), []],
    ['topic', () => ({ topic: 'com.kept.one' }), [0, 1, 2, 3, 4]],
    ['another topic', () => ({ topic: 'com.kept.two' }), []],
  ])('%s', async (_, filter, expected) => {
    const { peer, id } = await reader
    expect(firsts(await events(peer, id, filter()))).toEqual(expected)
  })

  test.each([{ limit: 0 }, { limit: 1.5 }, { limit: '3' }, { from_time: 'yesterday' }, { before_time: 5 }, { from_publication: -1 }])(
    '%j is an error',
    async (filter) => {
      const { peer, id } = await reader
      await expect(events(peer, id, filter)).rejects.toThrow('wamp.error.invalid_argument')
    },
  )

  test('the oldest make room; a history outlives its last subscriber', async () => {
    const { peer, id } = await reader
    const [subscriber] = [await connect().join()]
    expect(await subscriber.subscribe('com.kept.one')).toBe(id)
    subscriber.cut()
    await subscriber.closed()
    await peer.publish('com.kept.one', [5])
    expect(firsts(await events(peer, id))).toEqual([1, 2, 3, 4, 5])
    expect(router.realms.get(REALM)?.members.size).toBe(1)
  })
})
