import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CaptureFailure } from '../../publisher/capture.ts'
import type { PublisherOptions } from '../../publisher/types.ts'
import { fakeStorage } from '../../state/testing.ts'
import type { Socket, SocketOptions } from '../../transport/socket.ts'
import { createJoin, type Join } from './join-store.ts'

const RESUME = 'r'.repeat(32)
const KEY = `ph_${'k'.repeat(32)}`

interface FakeFeed extends PublisherOptions {
  stopped: boolean
  readonly microphone: boolean[]
}

let storage: ReturnType<typeof fakeStorage>
let sockets: (SocketOptions & { said: Record<string, unknown>[]; closed: boolean })[]
let feeds: FakeFeed[]
let tracks: { stopped: boolean }[]
let refuse: CaptureFailure | undefined
let join: Join

const openCamera = async () => {
  if (refuse) throw refuse
  const track = { stopped: false, stop: () => {} }
  track.stop = () => {
    track.stopped = true
  }
  tracks.push(track)
  return { getTracks: () => [track] } as unknown as MediaStream
}

beforeEach(() => {
  storage = fakeStorage()
  sockets = []
  feeds = []
  tracks = []
  refuse = undefined
  join = make()
})

const make = () =>
  createJoin('ABCDEF', {
    connect: (options: SocketOptions): Socket => {
      const socket = { ...options, said: [] as Record<string, unknown>[], closed: false }
      sockets.push(socket)
      return {
        send: (data) => void socket.said.push(JSON.parse(String(data))),
        buffered: 0,
        reconnect: () => {},
        close() {
          socket.closed = true
        },
      }
    },
    url: (path) => `wss://here${path}`,
    openCamera,
    createPublisher: (options) => {
      const feed: FakeFeed = { ...options, stopped: false, microphone: [] }
      feeds.push(feed)
      return {
        stream: options.stream ?? null,
        setCamera: async () => {},
        setFacing: async () => {},
        setMicrophone: async (on: boolean) => void feed.microphone.push(on),
        takeOver: () => {},
        stop() {
          feed.stopped = true
        },
      }
    },
    tabStorage: storage,
  })

const socket = () => sockets.at(-1) as (typeof sockets)[number]
const hear = (message: object) => socket().onText?.(JSON.stringify(message))
const on = (camera = 'phone-1') => hear({ type: 'on', camera, key: KEY, resume: RESUME, muted: false, spotlight: false })
const state = () => join.store.getState()

describe('a phone', () => {
  test('asks about its code at once, and for its camera when it is to join', async () => {
    join.begin()
    expect(socket().url).toBe('wss://here/ws/join/ABCDEF')
    socket().onOpen?.()
    expect([socket().said, tracks.length, state().phase]).toEqual([[], 0, 'form'])
    await join.join('Ada')
    expect(socket().said).toEqual([{ type: 'join', name: 'Ada' }])
    on()
    expect(feeds).toMatchObject([{ camera: 'phone-1', takeover: true, url: `wss://here/ws/publish/phone-1?key=${KEY}` }])
    expect([state().phase, state().stream]).toEqual(['on', feeds[0]?.stream])
    expect(JSON.parse(storage.map.get('porthole.seat') ?? '')).toEqual({ name: 'Ada', resume: RESUME })
  })

  test('waits in the lobby without feeding anything', async () => {
    join.begin()
    await join.join('Ada')
    hear({ type: 'waiting', resume: RESUME })
    expect([state().phase, feeds.length]).toEqual(['waiting', 0])
    on()
    expect(feeds).toHaveLength(1)
  })

  test('that gets no camera takes no seat, and may try again', async () => {
    join.begin()
    refuse = new CaptureFailure('denied', 'no')
    await join.join('Ada')
    expect([state().phase, state().capture, socket().said]).toEqual(['form', 'denied', []])
    refuse = undefined
    await join.join('Ada')
    expect([state().capture, socket().said]).toEqual([null, [{ type: 'join', name: 'Ada' }]])
  })

  test('says its seat again after a lost connection, and feeds another camera when it is another seat', async () => {
    join.begin()
    await join.join('Ada')
    on()
    socket().onDown?.({ code: undefined, retry: true })
    expect(state()).toMatchObject({ phase: 'on', lost: true })
    socket().onOpen?.()
    expect(socket().said.at(-1)).toEqual({ type: 'join', name: 'Ada', resume: RESUME })
    on()
    expect([feeds.length, state().lost]).toEqual([1, false])
    on('phone-2')
    expect(feeds.map(({ camera, stopped }) => [camera, stopped])).toEqual([
      ['phone-1', true],
      ['phone-2', false],
    ])
  })

  test('that reloads takes its seat before its camera is there', async () => {
    storage.setItem('porthole.seat', JSON.stringify({ name: 'Ada', resume: RESUME }))
    join = make()
    join.begin()
    socket().onOpen?.()
    expect(socket().said).toEqual([{ type: 'join', name: 'Ada', resume: RESUME }])
    on()
    await vi.waitFor(() => expect(feeds).toHaveLength(1))
  })

  test.each(['participant.removed', 'stage.ended', 'stage.code'] as const)('is off after %s, and forgets its seat', async (code) => {
    join.begin()
    await join.join('Ada')
    on()
    socket().onDown?.({ code, retry: false })
    expect(state()).toMatchObject({ phase: 'over', why: code, stream: null })
    expect([feeds[0]?.stopped, tracks[0]?.stopped, storage.map.size]).toEqual([true, true, 0])
    join.again()
    expect([state().phase, sockets.length]).toEqual(['form', 2])
  })

  test('that leaves says so, and its camera goes dark', async () => {
    join.begin()
    await join.join('Ada')
    on()
    join.react('🎉')
    join.leave()
    expect(socket().said.slice(1)).toEqual([{ type: 'react', reaction: '🎉' }, { type: 'leave' }])
    expect([state().why, socket().closed, tracks[0]?.stopped, storage.map.size]).toEqual(['left', true, true, 0])
  })

  test('that is muted has its microphone off, and cannot turn it on', async () => {
    join.begin()
    await join.join('Ada')
    on()
    await join.setMicrophone(true)
    hear({ type: 'update', muted: true, spotlight: true })
    await join.setMicrophone(true)
    expect(feeds[0]?.microphone).toEqual([true, false, false])
    expect(state()).toMatchObject({ muted: true, spotlight: true })
  })
})
