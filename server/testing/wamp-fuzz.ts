import fc from 'fast-check'
import * as M from '../../shared/wamp/messages.ts'
import type { Tuple } from './wamp.ts'

const deep = (levels: number) => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value }
  return value
}

/** Leaves that some serializer has and another has not, or has in another way. */
const ODD = fc.constantFrom<unknown>(
  null,
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  2 ** 53,
  -(2 ** 53),
  1e300,
  2n ** 53n,
  2n ** 64n - 1n,
  -(2n ** 63n),
  '',
  '\0',
  '\0AAH+/w==',
  '\0no base64',
  '\ud800',
  'x\udc00y',
  'é\u{1f600}',
  'x'.repeat(300),
  new Uint8Array(0),
  Uint8Array.of(0, 255),
  JSON.parse('{"constructor":1}'),
  deep(30),
)
/** What ends a session, wherever it stands. */
const FATAL = fc.constantFrom<unknown>({ '\ud800': 1 }, JSON.parse('{"__proto__":{"polluted":true}}'), deep(70))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 30, arbitrary: fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.string()) },
    { weight: 30, arbitrary: ODD },
    { weight: 1, arbitrary: FATAL },
    { weight: 15, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    {
      weight: 15,
      arbitrary: fc.dictionary(fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('toString', 'ключ')), tie('value'), { maxKeys: 3 }),
    },
  ),
}))

/** What a message falls with. */
const STRUCTURE = 200
/** Mostly what it should be. */
const mostly = (likely: fc.Arbitrary<unknown>, weight = 15) =>
  fc.oneof({ weight, arbitrary: likely }, { weight: 1, arbitrary: value as fc.Arbitrary<unknown> })

/** Few, so that requests meet each other. */
const id = mostly(
  fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(2 ** 53, 0, -1, 1.5) },
  ),
  STRUCTURE,
)
const uri = mostly(
  fc.constantFrom(
    ...Array<string>(15).fill('com.a'),
    'com.b',
    'com.a.b',
    'com.kept.one',
    'com.witness.topic',
    'com.witness.procedure',
    '',
    'com.',
    'com..b',
    'no uri',
    'wamp.session.list',
    'wamp.session.get',
    'wamp.session.on_join',
    'wamp.session.add_testament',
    'wamp.session.flush_testaments',
    'wamp.subscription.get_events',
    'wamp.subscription.lookup',
    'wamp.registration.match',
    'x'.repeat(1025),
  ),
  STRUCTURE,
)
const flag = mostly(fc.boolean())
const names = mostly(fc.array(fc.constantFrom<unknown>('ada', 'guest', 1, 2)))
const OPTIONS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  acknowledge: flag,
  exclude_me: flag,
  disclose_me: flag,
  retain: flag,
  get_retained: flag,
  exclude: names,
  eligible: names,
  exclude_authid: names,
  eligible_authrole: names,
  match: mostly(fc.constantFrom('exact', 'prefix', 'wildcard')),
  invoke: mostly(fc.constantFrom('single', 'first', 'last', 'roundrobin', 'random')),
  force_reregister: flag,
  receive_progress: flag,
  progress: flag,
  timeout: mostly(fc.constantFrom(0, 1, 1000, 2 ** 53)),
  mode: mostly(fc.constantFrom('skip', 'kill', 'killnowait')),
  ppt_scheme: mostly(fc.constantFrom('x_mine', '')),
  publish_options: value,
  limit: id,
  from_time: value,
  scope: value,
}
/** Options that more comes of. */
const OFTEN: Readonly<Record<string, number>> = { acknowledge: 8, exclude_me: 4, match: 4 }
const option = fc.oneof(
  ...Object.entries(OPTIONS).map(([name, arbitrary]) => ({
    weight: OFTEN[name] ?? 1,
    arbitrary: arbitrary.map((said) => [name, said] as const),
  })),
)
const options = mostly(
  fc.array(option, { maxLength: 4 }).map((all) => Object.fromEntries(all)),
  STRUCTURE,
)
const args = mostly(fc.array(fc.oneof(uri, value), { maxLength: 3 }), STRUCTURE)
const kwargs = mostly(fc.dictionary(fc.string({ maxLength: 5 }), value, { maxKeys: 2 }), STRUCTURE)
const hello = mostly(
  fc.record(
    {
      roles: mostly(fc.constantFrom<unknown>({ caller: {}, callee: {} }, { subscriber: { features: [] } }, {}, { broker: {} })),
      authmethods: mostly(fc.constantFrom<unknown>(['ticket'], ['anonymous'], ['ticket', 'wampcra'], [], ['__proto__'])),
      authid: mostly(fc.constantFrom('ada', 'bo', 'nobody', '')),
      authextra: value,
    },
    { requiredKeys: [] },
  ),
)

const payload = fc.oneof(fc.constant([]), fc.tuple(args), fc.tuple(args, kwargs))
const of = (type: number, ...fields: fc.Arbitrary<unknown>[]) => fc.tuple(fc.constant(type), ...fields)
const withPayload = (type: number, ...fields: fc.Arbitrary<unknown>[]) =>
  fc.tuple(of(type, ...fields), payload).map(([head, more]) => [...head, ...more])

/** What ends most sessions. */
const ending: fc.Arbitrary<Tuple> = fc.oneof(
  of(M.HELLO, mostly(fc.constantFrom('com.example.open', 'com.example.strict', 'nowhere')), hello),
  of(M.AUTHENTICATE, mostly(fc.constantFrom('ada', 'wrong')), options),
  withPayload(M.GOODBYE, options, uri),
  withPayload(M.ABORT, options, uri),
  withPayload(M.ERROR, mostly(fc.constantFrom<unknown>(M.INVOCATION, M.CALL)), id, options, uri),
  withPayload(M.YIELD, id, options),
  of(M.WELCOME, id, options),
  of(M.CHALLENGE, uri, options),
  of(M.EVENT, id, id, options),
  of(M.RESULT, id, options),
  of(M.INVOCATION, id, id, options),
)
const request: fc.Arbitrary<Tuple> = fc.oneof(
  { weight: 4, arbitrary: withPayload(M.PUBLISH, id, options, uri) },
  { weight: 3, arbitrary: of(M.SUBSCRIBE, id, options, uri) },
  of(M.UNSUBSCRIBE, id, id),
  { weight: 6, arbitrary: withPayload(M.CALL, id, options, uri) },
  of(M.CANCEL, id, options),
  { weight: 3, arbitrary: of(M.REGISTER, id, options, uri) },
  of(M.UNREGISTER, id, id),
)
const likely = fc.oneof({ weight: 40, arbitrary: request }, { weight: 1, arbitrary: ending })

/** Messages that are right, nearly right, or none. */
export const nearMessage: fc.Arbitrary<Tuple> = fc.oneof(
  { weight: 300, arbitrary: likely },
  { weight: 1, arbitrary: fc.tuple(likely, fc.nat({ max: 6 })).map(([tuple, length]) => tuple.slice(0, length)) },
  { weight: 1, arbitrary: fc.tuple(likely, value).map(([tuple, more]) => [...tuple, more]) },
  { weight: 1, arbitrary: fc.tuple(likely, value).map(([tuple, type]) => [type, ...tuple.slice(1)]) },
  { weight: 1, arbitrary: fc.array(value) as fc.Arbitrary<Tuple> },
)

/** Bytes with some of them changed, taken out, or put in. */
export const damaged = (bytes: Uint8Array): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.tuple(fc.nat({ max: Math.max(0, bytes.length - 1) }), fc.nat({ max: 2 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) => {
      const all = [...bytes]
      for (const [at, how, byte] of changes) all.splice(at, how === 2 ? 0 : 1, ...(how === 1 ? [] : [byte]))
      return Buffer.from(all)
    })
