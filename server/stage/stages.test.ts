import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Camera } from '../../shared/model/camera.ts'
import { MAX_PARTICIPANTS, MAX_WAITING } from '../../shared/model/stage.ts'
import { PortholeError } from '../base/errors.ts'
import type { Avatar } from '../base/handlers.ts'
import type { Told } from '../bus/log.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakeSocket } from '../testing/socket.ts'
import { CODE_MS } from './codes.ts'
import { REFUSE_MS } from './phone.ts'
import { GRACE_MS } from './seat.ts'
import { STAGE_MS, type Stage, UNSEEN_MS } from './stage.ts'
import { MAX_STAGES, Stages } from './stages.ts'

const ASKED = 'https://192.168.1.5:8080'
const avatar = (user: string, role: Avatar['role'] = 'operator') =>
  ({ user, role, feeds: undefined, isKey: false, may: () => true }) as Avatar

let clock: FakeClock
let stages: Stages
let stage: Stage
/** Cameras that are there now, and keys that are lent. */
let there: Map<string, string>
let lent: Set<string>
let muted: Map<string, boolean>
let mayHost: boolean

beforeEach(() => {
  clock = new FakeClock()
  there = new Map()
  lent = new Set()
  muted = new Map()
  mayHost = true
  let made = 0
  const readers: ((told: Told) => void)[] = []
  stages = new Stages({
    events: {
      onTold(reader) {
        readers.push(reader)
        return () => {}
      },
    },
    cameras: {
      createTemporary(name) {
        const id = `phone-${++made}`
        there.set(id, name)
        return { id, name } as Camera
      },
      dismiss(id) {
        if (there.delete(id)) for (const reader of readers) reader({ kind: 'camera.removed', camera: { id, owner: 'ada' } } as Told)
      },
      find: (id) => (there.has(id) ? ({ id, name: there.get(id) } as Camera) : undefined),
    },
    bus: { find: (id) => ({ mute: (on: boolean) => muted.set(id, on) }) as never },
    lending: {
      lend(camera) {
        lent.add(camera)
        return { id: 'k', key: `ph_${camera}` }
      },
      takeBack: (camera) => void lent.delete(camera),
    },
    links: { base: (asked) => ({ url: asked ?? 'http://localhost', reach: 'network' }) },
    mayHost: () => mayHost,
    clock,
    log: pino({ level: 'silent' }),
  })
  stage = stages.open('ada', undefined, ASKED)
})

const code = () => stage.view().code
function knock(shown = code(), address = '10.0.0.1'): FakeSocket {
  const socket = new FakeSocket()
  stages.knock(socket, shown, address)
  return socket
}
function join(name = 'Bo', resume?: string): FakeSocket {
  const socket = knock()
  socket.say({ type: 'join', name, ...(resume && { resume }) })
  return socket
}
const reason = ({ closed }: FakeSocket) => (closed instanceof PortholeError ? closed.code : closed)
const participants = () => stage.view().participants
const resumeOf = (socket: FakeSocket) => String((socket.of('on')[0] ?? socket.of('waiting')[0])?.resume)
const first = () => participants()[0] as ReturnType<typeof participants>[number]

describe('a stage', () => {
  test('is one for each host, and nobody else’s', () => {
    expect(stages.open('ada', undefined, ASKED)).toBe(stage)
    const other = stages.open('bo', undefined, undefined)
    expect(other).not.toBe(stage)
    expect(stages.list(avatar('ada'))).toEqual([stage])
    expect(stages.list(avatar('root', 'owner'))).toEqual([stage, other])
    expect(() => stages.get(other.id, avatar('ada'))).toThrow(expect.objectContaining({ code: 'stage.unknown' }))
    expect(stages.get(stage.id, avatar('root', 'owner'))).toBe(stage)
    for (let i = 2; i < MAX_STAGES; i++) stages.open(`host-${i}`, undefined, undefined)
    expect(() => stages.open('late', undefined, undefined)).toThrow(expect.objectContaining({ code: 'server.limit' }))
  })

  test('is joined at an http address of the network: phones know no certificate of it', () => {
    expect(stage.view()).toMatchObject({ joinUrl: `http://192.168.1.5:8080/join/${code()}`, reach: 'network' })
  })

  test('has another code every ten minutes, and the one before is good for as long again', () => {
    const [one] = [code()]
    clock.advance(CODE_MS)
    const two = code()
    expect(two).not.toBe(one)
    for (const good of [one, two, two.toLowerCase()]) expect(knock(good).closed).toBeUndefined()
    clock.advance(CODE_MS)
    const late = knock(one)
    clock.advance(REFUSE_MS)
    expect(reason(late)).toBe('stage.code')
    expect(knock(two).closed).toBeUndefined()
  })

  test('ends after its time, or when nobody shows it, or when its host may hold none, and leaves nothing', () => {
    const phone = join()
    const projector = new FakeSocket()
    stages.show(projector, stage.id, { avatar: avatar('ada'), asked: ASKED })
    clock.advance(UNSEEN_MS * 2)
    expect(phone.closed).toBeUndefined()
    projector.close()
    clock.advance(UNSEEN_MS - 1000)
    const again = new FakeSocket()
    stages.show(again, stage.id, { avatar: avatar('ada'), asked: ASKED })
    clock.advance(STAGE_MS)
    expect([reason(phone), reason(again)]).toEqual(['stage.ended', 'stage.ended'])
    expect([there.size, lent.size, stages.list(avatar('ada'))]).toEqual([0, 0, []])

    stage = stages.open('ada', undefined, ASKED)
    const waits = knock()
    mayHost = false
    stages.review('bo')
    expect(waits.closed).toBeUndefined()
    stages.review('ada')
    expect(reason(waits)).toBe('stage.ended')
  })

  test('tells its projectors all of it, many changes at once, and reactions as they come', () => {
    const projector = new FakeSocket()
    stages.show(projector, stage.id, { avatar: avatar('ada'), asked: ASKED })
    const [one] = [join('Bo'), join('Cy')]
    clock.advance(100)
    expect(projector.of('stage')).toHaveLength(2)
    expect(projector.of('stage').at(-1)).toMatchObject({ stage: { participants: [{ name: 'Bo', state: 'on' }, { name: 'Cy' }] } })
    for (let i = 0; i < 10; i++) one?.say({ type: 'react', reaction: '🎉' })
    expect(projector.of('reaction')).toHaveLength(4)
    expect(projector.of('reaction')[0]).toMatchObject({ name: 'Bo', participant: first().id, reaction: '🎉' })
    projector.say({ type: 'hello' })
    expect(reason(projector)).toBe('message.invalid')
  })
})

describe('a phone', () => {
  test('joins: a camera, a key, a secret; and leaves nothing when it leaves', () => {
    const phone = join('Bo')
    expect(phone.of('on')).toMatchObject([{ camera: 'phone-1', key: 'ph_phone-1', muted: false, spotlight: false }])
    expect(first()).toMatchObject({ name: 'Bo', camera: 'phone-1', state: 'on' })
    phone.say({ type: 'leave' })
    expect([participants(), there.size, lent.size]).toEqual([[], 0, 0])
    expect(phone.closed).toBeDefined()
  })

  test('has its seat for half a minute after its connection was lost, with the same camera and key', () => {
    const phone = join('Bo')
    const resume = resumeOf(phone)
    phone.close()
    expect(first().state).toBe('away')
    clock.advance(GRACE_MS - 1)
    // Its code may be an old one.
    const again = knock('ABCDEF')
    again.say({ type: 'join', name: 'Bo', resume })
    expect(again.of('on')).toMatchObject([{ camera: 'phone-1', key: 'ph_phone-1', resume }])
    expect(participants()).toMatchObject([{ state: 'on' }])
    const tab = join('Bo', resume)
    expect(reason(again)).toBe('participant.replaced')
    tab.close()
    clock.advance(GRACE_MS)
    expect([participants(), there.size, lent.size]).toEqual([[], 0, 0])
    // Too late: a seat of its own again.
    expect(join('Bo', resume).of('on')).toMatchObject([{ camera: 'phone-2' }])
  })

  test.each([
    [{ type: 'react', reaction: '🎉' }, 'message.invalid'],
    [{ type: 'join', name: '\u202eoB' }, 'message.invalid'],
    [{ type: 'join', name: 'x'.repeat(41) }, 'message.invalid'],
    [{ type: 'join', name: 'Bo', resume: 'short' }, 'message.invalid'],
    [{ type: 'unknown' }, 'message.invalid'],
  ])('that says %j is refused with %s', (message, expected) => {
    const phone = knock()
    phone.say(message)
    expect(reason(phone)).toBe(expected)
    expect(participants()).toEqual([])
  })

  test('reacts by the list alone, joins once, sends no bytes and no floods', () => {
    const [bad, twice, bytes, flood] = [join(), join(), join(), join()]
    bad?.say({ type: 'react', reaction: '💣' })
    twice?.say({ type: 'join', name: 'Bo' })
    bytes?.onBinary(Buffer.from('x'))
    for (let i = 0; i < 101; i++) flood?.say({ type: 'react', reaction: '🎉' })
    expect([bad, twice, bytes, flood].map((phone) => reason(phone as FakeSocket))).toEqual([
      'message.invalid',
      'message.invalid',
      'message.invalid',
      'request.rate',
    ])
  })

  test('that only has the page open is told at the end, and does not stay for ever', () => {
    const [idle] = [knock()]
    clock.advance(10 * 60_000)
    expect(reason(idle)).toBe('request.timeout')
    const waits = knock()
    stage.end('test')
    expect(reason(waits)).toBe('stage.ended')
  })

  test('with a wrong code is refused, and after ten a minute has to wait, but not who has a seat', () => {
    const seated = join('Bo')
    const resume = resumeOf(seated)
    for (let i = 0; i < 10; i++) {
      const wrong = knock('ABCDEF', '10.0.0.9')
      wrong.say({ type: 'join', name: 'x' })
      expect(reason(wrong)).toBe('stage.code')
    }
    const right = knock(code(), '10.0.0.9')
    clock.advance(REFUSE_MS)
    expect(reason(right)).toBe('request.rate')
    const again = knock('ABCDEF', '10.0.0.9')
    again.say({ type: 'join', name: 'Bo', resume })
    expect(again.of('on')).toHaveLength(1)
    expect(knock(code(), '10.0.0.8').closed).toBeUndefined()
    clock.advance(60_000)
    expect(knock(code(), '10.0.0.9').closed).toBeUndefined()
  })

  test('has to wait while a hundred wrong codes a minute come from everywhere', () => {
    for (let i = 0; i < 100; i++) knock('ABCDEF', `10.1.0.${i}`)
    const right = knock(code(), '10.0.0.1')
    right.say({ type: 'join', name: 'Bo' })
    expect(reason(right)).toBe('request.rate')
  })
})

describe('the host', () => {
  test('keeps a lobby: who joins waits, is admitted, or all are when it is given up', () => {
    stage.update({ lobby: true })
    const [one, two] = [join('Bo'), join('Cy')]
    expect(one?.of('waiting')).toHaveLength(1)
    expect([there.size, participants().map(({ state }) => state)]).toEqual([0, ['waiting', 'waiting']])
    one?.say({ type: 'react', reaction: '🎉' })
    expect(stage.admit(first().id)).toMatchObject({ state: 'on', camera: 'phone-1' })
    expect(one?.of('on')).toHaveLength(1)
    expect(two?.of('on')).toHaveLength(0)
    stage.update({ lobby: false })
    expect(two?.of('on')).toHaveLength(1)
  })

  test('locks: nobody else joins, who has a seat comes back to it', () => {
    const resume = resumeOf(join('Bo'))
    stage.update({ locked: true })
    const late = knock()
    clock.advance(REFUSE_MS)
    expect(reason(late)).toBe('stage.locked')
    expect(join('Bo', resume).of('on')).toHaveLength(1)
    stage.update({ locked: false })
    expect(join('Cy').of('on')).toHaveLength(1)
  })

  test('mutes: the channel of the camera, and the phone is told', () => {
    const phone = join()
    stage.mute(first().id, true)
    expect(muted.get('phone-1')).toBe(true)
    expect(phone.of('update')).toEqual([{ type: 'update', muted: true, spotlight: false }])
    stage.mute(first().id, false)
    expect(muted.get('phone-1')).toBe(false)
  })

  test('removes: the phone is told, its seat is gone', () => {
    const phone = join()
    const resume = resumeOf(phone)
    stage.remove(first().id)
    expect(reason(phone)).toBe('participant.removed')
    expect(stage.seatBy(resume)).toBeUndefined()
    expect([participants(), there.size, lent.size]).toEqual([[], 0, 0])
    expect(() => stage.remove('000000000000')).toThrow(expect.objectContaining({ code: 'participant.unknown' }))
  })

  test('turns the spotlight: both phones are told, and it goes out with its camera', () => {
    const [one, two] = [join('Bo'), join('Cy')]
    stage.update({ spotlight: 'phone-1' })
    stage.update({ spotlight: 'phone-2' })
    expect(one?.of('update').map(({ spotlight }) => spotlight)).toEqual([true, false])
    expect(two?.of('update').map(({ spotlight }) => spotlight)).toEqual([true])
    two?.say({ type: 'leave' })
    expect(stage.view().spotlight).toBeNull()
    expect(() => stage.update({ spotlight: 'garden' })).toThrow(expect.objectContaining({ code: 'participant.unknown' }))
  })

  test('has room for sixty on the wall, and for twenty more in the lobby', () => {
    for (let i = 0; i < MAX_PARTICIPANTS; i++) join(`p${i}`)
    const late = knock()
    late.say({ type: 'join', name: 'late' })
    expect(reason(late)).toBe('stage.full')
    stage.update({ lobby: true })
    for (let i = 0; i < MAX_WAITING; i++) expect(join(`w${i}`).of('waiting')).toHaveLength(1)
    expect(reason(join('late'))).toBe('stage.full')
    expect(() => stage.admit(participants().at(-1)?.id ?? '')).toThrow(expect.objectContaining({ code: 'stage.full' }))
  })
})
