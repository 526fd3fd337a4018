import { expect, it, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh, type TestPeer, type Tuple } from '../../testing/wamp.ts'
import { routerContract, testRouter } from '../../testing/wamp-contract.ts'
import { MAX_KEPT_EVENT_BYTES, MAX_RETAINED_TOPICS } from './kept-events.ts'

const retain = (peer: TestPeer, topic: string, args: Tuple, options = {}) =>
  peer.publish(topic, args, undefined, { retain: true, ...options })
const toldOf = (events: readonly Tuple[]) => events.map(([, , , details, args]) => [details, args])

routerContract('Event Retention', ({ join }) => {
  it('who asks for it hears the last retained event behind SUBSCRIBED, with its publication', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const topic = fresh('topic')
    await retain(publisher, topic, ['old'])
    const publication = await retain(publisher, topic, ['new'])
    await publisher.publish(topic, ['not kept'])
    const subscription = await subscriber.subscribe(topic, { get_retained: true })
    expect(await subscriber.rest(M.EVENT)).toEqual([[M.EVENT, subscription, publication, { retained: true }, ['new']]])
    const [answer, event] = subscriber.heard.slice(1)
    expect([answer?.[0], event?.[0]]).toEqual([M.SUBSCRIBED, M.EVENT])
    const other = await join()
    await other.subscribe(topic)
    expect(await other.rest(M.EVENT)).toEqual([])
  })

  it('a pattern hears those of all its topics, and what the role may not hear is left out', async () => {
    const [publisher, subscriber] = [await join(), await join()]
    const base = fresh('base')
    for (const [i, topic] of [`${base}.a.x`, `${base}.b.x`, `${base}.b.y`].entries()) await retain(publisher, topic, [i])
    await subscriber.subscribe(`${base}..x`, { match: 'wildcard', get_retained: true })
    await subscriber.subscribe(`${base}.b`, { match: 'prefix', get_retained: true })
    expect(toldOf(await subscriber.rest(M.EVENT))).toEqual([
      [{ retained: true, topic: `${base}.a.x` }, [0]],
      [{ retained: true, topic: `${base}.b.x` }, [1]],
      [{ retained: true, topic: `${base}.b.x` }, [1]],
      [{ retained: true, topic: `${base}.b.y` }, [2]],
    ])
  })

  it('it is for whom it was: by authid, authrole and session; its publisher may come back for it', async () => {
    const [publisher, ada, bo] = [await join(), await join({ authid: 'ada' }), await join({ authid: 'bo' })]
    const heard = async (options: object, topic = fresh('topic')) => {
      await retain(publisher, topic, [], options)
      for (const peer of [publisher, ada, bo]) await peer.subscribe(topic, { get_retained: true })
      const all = await Promise.all([publisher, ada, bo].map((peer) => peer.rest(M.EVENT)))
      return all.map((events) => events.length).join('')
    }
    expect(await heard({})).toBe('111')
    expect(await heard({ exclude_authid: ['ada'] })).toBe('101')
    expect(await heard({ eligible_authrole: ['guest'] })).toBe('001')
    expect(await heard({ eligible: [ada.session] })).toBe('010')
  })
})

test('an event that is too large is not kept, and the topic that was silent longest makes room', async () => {
  const { connect } = testRouter()
  const [publisher, subscriber] = [await connect().join(), await connect().join({ authid: 'bo' })]
  await retain(publisher, 'large.topic', ['small'])
  await retain(publisher, 'large.topic', ['x'.repeat(MAX_KEPT_EVENT_BYTES)])
  await subscriber.subscribe('large.topic', { get_retained: true })
  expect(toldOf(await subscriber.rest(M.EVENT))).toEqual([[{ retained: true }, ['small']]])

  for (let i = 0; i < MAX_RETAINED_TOPICS; i++) await retain(publisher, `topic.${i}`, [])
  await retain(publisher, 'topic.0', [])
  await retain(publisher, 'topic.new', [])
  await subscriber.subscribe('', { match: 'prefix', get_retained: true })
  const topics = (await subscriber.rest(M.EVENT)).map(([, , , details]) => (details as { topic: string }).topic)
  expect(topics).toHaveLength(MAX_RETAINED_TOPICS)
  expect(topics).toContain('topic.0')
  expect(topics).not.toContain('topic.1')
  expect(topics).not.toContain('large.topic')
})
