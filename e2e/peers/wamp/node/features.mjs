// @ts-nocheck: other people's clients, which are not installed where types are checked.
// Three sessions of one process use everything that the router routes. Arguments: the client, the router's URL, realm, serializer.
import { isDeepStrictEqual } from 'node:util'
import { client, errorOf, Failing, Heard, tell } from './common.mjs'

const { open, lacks, runtimeError } = await client()
const [URL, REALM, SERIALIZER] = process.argv.slice(3)
const has = (what) => !lacks.includes(what)

const BYTES = SERIALIZER === 'json' ? [] : [new Uint8Array([0, 255])]
const ARGS = [null, true, -7, 2 ** 53 - 1, 1.5, 'text €  😀', 'long '.repeat(100), [], [[1], { a: {} }]]

const [one, two, three] = await Promise.all([1, 2, 3].map(() => open(URL, REALM, SERIALIZER)))
const first = async (call) => (await call).args[0]

await calls(one, two)
await cancels(one, two)
await publications(one, two, three)
await patterns(one, two)
await shared(one, two, three)
await leaves(one, two)
await Promise.all([one.leave(), three.leave()])
tell('end')
process.exit(0)

async function calls(caller, callee) {
  await callee.register('com.test.echo', ({ args, kwargs }) => [args, kwargs])
  await callee.register('com.math.slowsquare', async ({ args: [x, delay] }) => {
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay))
    return x * x
  })
  await callee.register('com.test.fails', ({ args: [how] }) => {
    if (how === 'own') throw new Failing('com.myapp.error', ['bad', 23], { severity: 'high' })
    throw new Error('unexpected')
  })
  const progressing = has('progress') ? callee : await (await import('./autobahn-js.mjs')).open(URL, REALM, SERIALIZER)
  await progressing.register('com.test.counts', ({ args: [n], progress }) => {
    if (progress) for (let i = 0; i < n; i++) progress(i)
    return n
  })
  await callee.register('com.test.who', ({ details }) => [Number(details.caller) === Number(caller.id), details.caller_authrole])

  // Integers of 64 bits are bigint to some; what matters is which.
  const numbers = (value) => JSON.parse(JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? Number(item) : item)))
  const kwargs = { key: ARGS }
  tell('values', isDeepStrictEqual(numbers(await first(caller.call('com.test.echo', ARGS, kwargs))), [ARGS, kwargs]))
  for (const bytes of BYTES) {
    const [[echoed]] = await first(caller.call('com.test.echo', [Buffer.from(bytes)]))
    tell('bytes', [...new Uint8Array(echoed)])
  }

  const order = []
  const squares = [
    [3, 50],
    [4, 0],
  ]
  await Promise.all(squares.map((args) => caller.call('com.math.slowsquare', args).then((result) => order.push(result.args[0]))))
  tell('slow', order)

  const { uri, args, kwargs: reasons } = await errorOf(caller.call('com.test.fails', ['own']))
  tell('error', [uri, args, reasons])
  tell('runtime error', (await errorOf(caller.call('com.test.fails', ['other']))).uri === runtimeError)
  tell('no procedure', (await errorOf(caller.call('com.test.missing'))).uri)
  tell('procedure exists', (await errorOf(caller.register('com.test.fails', () => 0))).uri)
  if (has('invalid uri')) tell('invalid uri', (await errorOf(caller.call('com.test..fails'))).uri)

  const progress = []
  const final = await first(caller.call('com.test.counts', [3], undefined, { progress: (value) => progress.push(value) }))
  tell('progress', [progress, final])
  tell('no progress asked', await first(caller.call('com.test.counts', [3])))
  tell('caller', await first(caller.call('com.test.who', [], undefined, { disclose: true })))
}

/** Neither client knows INTERRUPT as a callee, nor says that it does: each mode is `skip`, and the late result is dropped. */
async function cancels(caller, callee) {
  const started = new Heard()
  await callee.register('com.test.hangs', () => new Promise((resolve) => started.add(resolve)))
  for (const mode of ['kill', 'killnowait', 'skip'].filter(has)) {
    const call = caller.call('com.test.hangs')
    const [finish] = (await started.first(1)).splice(0)
    started.length = 0
    call.cancel(mode)
    tell(`cancel ${mode}`, (await errorOf(call)).uri)
    finish('late')
    tell(`after ${mode}`, await first(caller.call('com.test.counts', [1])))
  }
  tell('timeout', (await errorOf(caller.call('com.test.hangs', [], undefined, { timeout: 50 }))).uri)
}

async function publications(publisher, subscriber, third) {
  const [heard, own, others] = [new Heard(), new Heard(), new Heard()]
  const ids = []
  const subscription = await subscriber.subscribe('com.test.topic', ({ args, details }) => {
    heard.add(args[0])
    ids.push(details.publication)
  })
  await publisher.subscribe('com.test.topic', ({ args }) => own.add(args[0]))
  await third.subscribe('com.test.topic', ({ args, kwargs }) => others.add(kwargs.word ?? args[0]))
  const published = await publisher.publish('com.test.topic', ['first'])
  await heard.first(1)
  // wampy's handlers are not told of the publication.
  tell('acknowledged', Number(published) > 0 && (ids[0] === undefined || ids[0] === published))
  await publisher.publish('com.test.topic', ['eligible'], undefined, { eligible: [subscriber.id] })
  await publisher.publish('com.test.topic', ['excluded'], undefined, { exclude: [subscriber.id] })
  await publisher.publish('com.test.topic', [], { word: 'by role' }, { exclude_authrole: ['no such role'] })
  await publisher.publish('com.test.topic', ['nobody'], undefined, { eligible_authid: ['no such id'] })
  if (has('exclude_me')) await publisher.publish('com.test.topic', ['mine too'], undefined, { exclude_me: false })
  await third.publish('com.test.topic', ['last'])
  const mine = has('exclude_me') ? ['mine too'] : []
  tell('heard', isDeepStrictEqual(await heard.first(4 + mine.length), ['first', 'eligible', undefined, ...mine, 'last']))
  tell('heard by the publisher', isDeepStrictEqual(await own.first(1 + mine.length), [...mine, 'last']))
  tell('heard by others', isDeepStrictEqual(await others.first(3 + mine.length), ['first', 'excluded', 'by role', ...mine]))

  await subscriber.unsubscribe(subscription)
  await publisher.publish('com.test.topic', ['gone'])
  await others.first(4 + mine.length)
  tell('unsubscribed', heard.length === 4 + mine.length)
}

async function patterns(one, other) {
  const topics = new Heard()
  for (const [match, uri] of [
    ['prefix', 'com.pattern'],
    ['wildcard', 'com..b'],
    ['exact', 'com.pattern.b'],
  ])
    await one.subscribe(uri, ({ details }) => topics.add([match, match === 'exact' ? uri : details.topic]), { match })
  for (const topic of ['com.pattern.a', 'com.pattern.b', 'com.other.b', 'com.patterns']) await other.publish(topic)
  tell('pattern events', (await topics.first(6)).sort())

  for (const [match, uri] of [
    ['prefix', 'com.rpc'],
    ['prefix', 'com.rpc.deep'],
    ['wildcard', 'com..b'],
    ['exact', 'com.rpc.b'],
  ])
    await one.register(uri, ({ details }) => [match, uri, match === 'exact' ? uri : details.procedure], { match })
  for (const uri of ['com.rpc.a', 'com.rpc.b', 'com.rpc.deep.b', 'com.any.b']) tell(`call ${uri}`, await first(other.call(uri)))
  await one.unregister('com.rpc.b')
  tell('unregistered', (await first(other.call('com.rpc.b'))).slice(0, 2))
}

async function shared(one, other, caller) {
  for (const invoke of ['roundrobin', 'first', 'last', 'random']) {
    for (const [number, session] of [one, other].entries()) await session.register(`com.shared.${invoke}`, () => number, { invoke })
    const numbers = []
    for (let i = 0; i < 6; i++) numbers.push(await first(caller.call(`com.shared.${invoke}`)))
    tell(invoke, numbers)
  }
  tell('another policy', (await errorOf(caller.register('com.shared.first', () => 0, { invoke: 'last' }))).uri)
}

async function leaves(caller, callee) {
  const started = new Heard()
  await callee.register('com.test.never', () => new Promise(() => started.add(1)))
  const call = caller.call('com.test.never')
  await started.first(1)
  callee.drop()
  tell('callee gone', (await errorOf(call)).uri)
  tell('procedure gone', (await errorOf(caller.call('com.test.never'))).uri)
}
