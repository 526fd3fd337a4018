import { describe, expect, it } from 'vitest'
import { historyOf, rolesOf, wampOptions } from './options.ts'
import { HISTORY_EVENTS } from './router/history.ts'

const KEY = 'a'.repeat(64)
const open = { anonymous: 'anyone', roles: { anyone: {} } }
const realm = (more: object) => ({ realms: { 'com.x': { ...open, ...more } } })

describe('wrong configuration names its key and the mend', () => {
  it.each<[string, unknown, RegExp]>([
    ['no object', 7, /^wamp\b.*object/],
    ['an unknown key', { realm: {} }, /^wamp.*realm/],
    ['realms that are a list', { realms: [] }, /^wamp\.realms/],
    ['a time-out that is none', { callTimeoutMs: -1 }, /^wamp\.callTimeoutMs/],
    ['a time-out of more than a day', { callTimeoutMs: 86_400_001 }, /^wamp\.callTimeoutMs/],
    ['the realm of users', { realms: { porthole: open } }, /^wamp\.realms\.porthole is this server's own.*choose another name/],
    ['a realm that is no URI', { realms: { 'a b': open } }, /^wamp\.realms\.a b: the name is no URI; say something like/],
    ['a realm with an empty component', { realms: { 'com..x': open } }, /^wamp\.realms\.com\.\.x: the name is no URI/],
    ['a realm without a name', { realms: { '': open } }, /^wamp\.realms\.: the name is no URI/],
    ['a realm that is no object', { realms: { 'com.x': true } }, /^wamp\.realms\.com\.x\b/],
    ['an unknown key of a realm', realm({ role: {} }), /^wamp\.realms\.com\.x.*role/],
    ['URIs of another kind', realm({ uris: 'lax' }), /^wamp\.realms\.com\.x\.uris/],
    [
      'nobody who could join',
      { realms: { 'com.x': { roles: { anyone: {} } } } },
      /com\.x: nobody could join it; give it principals, or anonymous/,
    ],
    [
      'anonymous of no role',
      realm({ anonymous: 'guest' }),
      /^wamp\.realms\.com\.x\.anonymous is "guest".*roles has no such role; add it there/,
    ],
    ['a role of the prototype', realm({ anonymous: 'constructor' }), /anonymous is "constructor".*no such role/],
    [
      'a principal of no role',
      realm({ principals: [{ authid: 'a', role: 'b', ticket: 't' }] }),
      /principals\[0\]\.role is "b".*add it there/,
    ],
    [
      'a principal without a way in',
      realm({ principals: [{ authid: 'a', role: 'anyone' }] }),
      /principals\[0\] \("a"\): there is no way to sign in; give it/,
    ],
    [
      'a principal twice',
      realm({ principals: [0, 1].map(() => ({ authid: 'a', role: 'anyone', ticket: 't' })) }),
      /principals\[1\]\.authid: "a" is .*principals\[0\] already; take one out/,
    ],
    ['an unknown key of a role', realm({ roles: { anyone: { may: [] } } }), /roles\.anyone.*may/],
    ['a role that is no object', realm({ roles: { anyone: [] } }), /^wamp\.realms\.com\.x\.roles\.anyone/],
    [
      'an action that is none',
      realm({ roles: { anyone: { permissions: [{ uri: 'a', allow: ['shout'] }] } } }),
      /roles\.anyone\.permissions\[0\]\.allow/,
    ],
    [
      'a way to match that is none',
      realm({ roles: { anyone: { permissions: [{ uri: 'a', match: 'regex', allow: [] }] } } }),
      /permissions\[0\]\.match/,
    ],
    [
      'a disclosure that is none',
      realm({ roles: { anyone: { permissions: [{ uri: 'a', allow: [], disclose: 'yes' }] } } }),
      /permissions\[0\]\.disclose/,
    ],
    [
      'a permission for no URI',
      realm({
        roles: {
          anyone: {
            permissions: [
              { uri: 'a', allow: [] },
              { uri: 'a..b', allow: [] },
            ],
          },
        },
      }),
      /roles\.anyone\.permissions\[1\]\.uri is "a\.\.b", which is no loose URI to match exact/,
    ],
    [
      'a permission that is not strict where URIs are',
      realm({ uris: 'strict', roles: { anyone: { permissions: [{ uri: 'Com.', match: 'prefix', allow: [] }] } } }),
      /permissions\[0\]\.uri is "Com\.", which is no strict URI to match prefix/,
    ],
    ['an authorizer that is no URI', realm({ roles: { anyone: { authorizer: 'a b' } } }), /roles\.anyone\.authorizer is "a b"/],
    ['a history of no URI', realm({ history: [{ topic: 'a#' }] }), /com\.x\.history\[0\]\.topic is "a#"/],
    ['a history of nothing', realm({ history: [{ topic: 'a', limit: 0 }] }), /history\[0\]\.limit/],
    ['a history of too much', realm({ history: [{ topic: 'a', limit: 10_001 }] }), /history\[0\]\.limit/],
    ['a key that is none', { cryptosignKeys: [{ authid: 'a', publicKeys: ['abc'] }] }, /^wamp\.cryptosignKeys\[0\]\.publicKeys/],
    [
      'a key of two',
      { cryptosignKeys: ['a', 'b'].map((authid) => ({ authid, publicKeys: [KEY] })) },
      /^wamp\.cryptosignKeys\[1\]\.publicKeys\[0\] is a key of wamp\.cryptosignKeys\[0\] already; take one out/,
    ],
  ])('%s', (_, value, message) => {
    expect(() => wampOptions(value)).toThrow(message)
  })

  it('no secret of a principal is in its error', () => {
    const principals = [{ authid: 'a', role: 'anyone', secret: 'of-mine', salt: 'salty' }]
    expect(() => wampOptions(realm({ principals }))).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/of-mine|salty/) }),
    )
  })
})

describe('what is left out', () => {
  it('is filled in', () => {
    const { realms } = wampOptions(
      realm({
        roles: { anyone: { permissions: [{ uri: 'com.a', allow: ['call'] }] }, other: {} },
        history: [{ topic: 'com.a' }, { topic: '', match: 'prefix', limit: 3 }],
      }),
    )
    const said = realms['com.x'] as (typeof realms)[string]
    expect(rolesOf(said)).toEqual({
      anyone: { permissions: [{ uri: 'com.a', match: 'exact', allow: ['call'], disclose: 'asked' }], authorizer: undefined, meta: false },
      other: { permissions: [], authorizer: undefined, meta: false },
    })
    expect(historyOf(said)).toEqual([
      { topic: 'com.a', match: 'exact', limit: HISTORY_EVENTS },
      { topic: '', match: 'prefix', limit: 3 },
    ])
  })

  it('is nothing at all: no realm but the server’s own', () => {
    expect(wampOptions({})).toEqual({ realms: {} })
    expect(historyOf({})).toEqual([])
  })

  it('may be a realm whose name only looks like one of the prototype', () => {
    expect(Object.keys(wampOptions(JSON.parse(JSON.stringify({ realms: { constructor: open } }))).realms)).toEqual(['constructor'])
    expect(Object.keys(wampOptions(JSON.parse(`{"realms":{"__proto__":${JSON.stringify(open)}}}`)).realms)).toEqual(['__proto__'])
  })
})
