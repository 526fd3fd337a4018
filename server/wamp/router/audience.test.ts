import { expect, it } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh, type TestPeer } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

routerContract('who an event is for', ({ join }) => {
  const group = async () => {
    const [me, ada, bo, nobody] = [await join(), await join({ authid: 'ada' }), await join({ authid: 'bo' }), await join()]
    const peers: Record<string, TestPeer> = { me, ada, bo, nobody }
    const topic = fresh('topic')
    for (const peer of Object.values(peers)) await peer.subscribe(topic)
    const heard = async (options: object) => {
      await me.publish(topic, [], undefined, { ...options })
      const names: string[] = []
      for (const [name, peer] of Object.entries(peers)) {
        const before = peer.heard.length
        await peer.settled()
        // All but the answer that was waited for now.
        if (peer.heard.slice(0, -1).some(([type]) => type === M.EVENT)) names.push(name)
        expect(peer.heard.length).toBeGreaterThan(before - 1)
        peer.heard.length = 0
      }
      return names.join(' ')
    }
    return { me, ada, bo, nobody, topic, heard }
  }

  it('Publisher Exclusion: not the publisher, unless it says so', async () => {
    const { heard } = await group()
    expect(await heard({})).toBe('ada bo nobody')
    expect(await heard({ exclude_me: true })).toBe('ada bo nobody')
    expect(await heard({ exclude_me: false })).toBe('me ada bo nobody')
  })

  it('Subscriber Black- and Whitelisting: by session, authid and authrole', async () => {
    const { heard, ada, bo, nobody } = await group()
    expect(await heard({ exclude: [ada.session, 1] })).toBe('bo nobody')
    expect(await heard({ exclude_authid: ['bo', 'cy'] })).toBe('ada nobody')
    expect(await heard({ exclude_authrole: ['anyone'] })).toBe('ada bo')
    expect(await heard({ eligible: [bo.session] })).toBe('bo')
    expect(await heard({ eligible_authid: ['ada'] })).toBe('ada')
    expect(await heard({ eligible_authrole: ['guest', 'staff'] })).toBe('ada bo')
    expect(await heard({ eligible: [] })).toBe('')
    expect(await heard({ eligible: [ada.session, nobody.session], exclude_authrole: ['staff'] })).toBe('nobody')
    expect(await heard({ eligible_authrole: ['anyone'], exclude_me: false })).toBe('me nobody')
  })

  it.each([
    ['a list that is none', { exclude: 7 }],
    ['sessions that are no numbers', { eligible: ['1'] }],
    ['names that are numbers', { exclude_authid: [1] }],
    ['more than a thousand', { eligible: Array.from({ length: 1001 }, (_, i) => i + 1) }],
  ])('%s is an error, and nobody hears it', async (_, options) => {
    const { me, ada, topic } = await group()
    const answer = await me.ask(M.PUBLISH, { acknowledge: true, ...options }, topic)
    expect(answer.slice(0, 5)).toEqual([M.ERROR, M.PUBLISH, 2, {}, 'wamp.error.invalid_argument'])
    expect(await ada.rest(M.EVENT)).toEqual([])
  })

  it('Publisher Identification: when asked, never, or always, as the realm says', async () => {
    const [publisher, subscriber] = [await join({ authid: 'ada' }), await join()]
    const told = { publisher: publisher.session, publisher_authid: 'ada', publisher_authrole: 'staff' }
    const details = async (topic: string, options: object) => {
      await subscriber.subscribe(topic)
      await publisher.publish(topic, [], undefined, { ...options })
      return (await subscriber.hear(M.EVENT))[3]
    }
    expect(await details(fresh('topic'), {})).toEqual({})
    expect(await details(fresh('topic'), { disclose_me: true })).toEqual(told)
    expect(await details(fresh('topic').replace('com.example', 'com.told'), {})).toEqual(told)
    const secret = fresh('topic').replace('com.example', 'com.secret')
    expect(await details(secret, {})).toEqual({})
    const refused = await publisher.ask(M.PUBLISH, { acknowledge: true, disclose_me: true }, secret)
    expect(refused[4]).toBe('wamp.error.option_disallowed.disclose_me')
  })

  it('what a role may not, it may not', async () => {
    const peer = await join()
    const uri = fresh('topic').replace('com.example', 'com.closed')
    for (const type of [M.PUBLISH, M.SUBSCRIBE, M.CALL, M.REGISTER])
      expect((await peer.ask(type, { acknowledge: true }, uri))[4]).toBe('wamp.error.not_authorized')
    // Who hears a pattern hears of it what they may.
    await peer.subscribe('com.', { match: 'prefix' })
    await (await join()).publish(fresh('topic'))
    expect(await peer.rest(M.EVENT)).toHaveLength(1)
  })
})
