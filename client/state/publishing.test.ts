import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { PublisherOptions, PublisherStatus } from '../publisher/types.ts'
import type { CamerasState } from './cameras.ts'
import { applyFeed, emptyFleet, withCamera, withoutCamera } from './feed.ts'
import { createPublishing } from './publishing.ts'
import { camera, fakeStorage, statusOf } from './testing.ts'

const starting: PublisherStatus = {
  state: 'starting',
  watched: false,
  error: null,
  width: 0,
  height: 0,
  fps: 0,
  kbps: 0,
  codec: null,
  microphone: false,
  devices: [],
  camera: null,
}
const live: PublisherStatus = { ...starting, state: 'live' }
const refused = (code: 'camera.deleted' | 'publisher.exists' | 'publisher.replaced'): PublisherStatus => ({
  ...starting,
  state: 'stopped',
  error: { kind: 'server', code, message: '' },
})

class FakePublisher {
  readonly stream = {} as MediaStream
  readonly stop = vi.fn()
  readonly takeOver = vi.fn()
  readonly setCamera = vi.fn(async () => {})
  readonly setMicrophone = vi.fn(async () => {})
  readonly options: PublisherOptions

  constructor(options: PublisherOptions) {
    this.options = options
  }
}

function setUp(stored: Record<string, string> = {}, remembered: Record<string, string> = {}) {
  const made: FakePublisher[] = []
  const loaded = applyFeed(emptyFleet, {
    type: 'snapshot',
    last: 0,
    cameras: [camera('a')],
    status: [statusOf('a', { publishing: false })],
  })
  const store = createStore<CamerasState>(() => ({ ...loaded, feed: 'open', removedHere: new Set<string>() }))
  const cameras = { store, create: vi.fn(async (name: string) => camera('new', { name })), remove: vi.fn(async () => {}) }
  const notices = { add: vi.fn(() => 1) }
  const tabStorage = fakeStorage(stored)
  const browserStorage = fakeStorage(remembered)
  const publishing = createPublishing({
    createPublisher: (options) => {
      const publisher = new FakePublisher(options)
      made.push(publisher)
      return publisher
    },
    cameras,
    notices,
    tabStorage,
    browserStorage,
  })
  const last = () => made.at(-1) as FakePublisher
  return { publishing, state: publishing.store.getState, made, last, cameras, notices, tabStorage, browserStorage }
}

let page: ReturnType<typeof setUp>
beforeEach(() => {
  page = setUp()
})

describe('one publisher a tab', () => {
  it('replaces the one before, whose words count no more', async () => {
    const { publishing, state, made } = page
    await publishing.start('a', false)
    await publishing.start('b', true)
    expect(made.map(({ options }) => [options.camera, options.takeover])).toEqual([
      ['a', false],
      ['b', true],
    ])
    expect(made[0]?.stop).toHaveBeenCalled()
    made[1]?.options.onStatus(live)
    made[0]?.options.onStatus(refused('publisher.exists'))
    expect(state()).toMatchObject({ camera: 'b', status: { state: 'live' } })
    expect(state().stream).toBe(made[1]?.stream)
  })

  it('stops a publisher that was still being loaded when it was stopped', async () => {
    const { publishing, state, last } = page
    const begun = publishing.start('a', false)
    publishing.stop()
    await begun
    expect(last().stop).toHaveBeenCalled()
    expect(state()).toMatchObject({ camera: null, stream: null })
  })
})

describe('a reload', () => {
  it('goes on with the camera and takes over from itself', async () => {
    const { publishing, last, state } = setUp({ 'porthole.publishing': 'a' })
    await publishing.resume(true)
    expect(last().options).toMatchObject({ camera: 'a', takeover: true })
    expect(state().camera).toBe('a')
  })

  it('of a duplicated tab takes nothing over', async () => {
    const { publishing, last } = setUp({ 'porthole.publishing': 'a' })
    await publishing.resume(false)
    expect(last().options.takeover).toBe(false)
  })

  it('begins nothing when nothing was published, was stopped or its camera was deleted', async () => {
    const { publishing, made, last, tabStorage } = page
    await publishing.resume(true)
    expect(made).toHaveLength(0)
    await publishing.start('a', false)
    expect(tabStorage.map.get('porthole.publishing')).toBe('a')
    last().options.onStatus(refused('camera.deleted'))
    expect(tabStorage.map.size).toBe(0)
    await publishing.start('a', false)
    publishing.stop()
    expect(tabStorage.map.size).toBe(0)
  })
})

describe('a refusal', () => {
  it('lets go of the device, unless the camera can be taken over', async () => {
    const { publishing, last, state } = page
    await publishing.start('a', false)
    last().options.onStatus(refused('publisher.exists'))
    expect(last().stop).not.toHaveBeenCalled()
    publishing.takeOver()
    expect(last().takeOver).toHaveBeenCalled()
    last().options.onStatus(refused('publisher.replaced'))
    expect(last().stop).toHaveBeenCalled()
    expect(state()).toMatchObject({ camera: 'a', status: { state: 'stopped' } })
  })

  it('because of a deletion ends when that is undone', async () => {
    const { publishing, made, last, cameras } = page
    await publishing.start('a', false)
    last().options.onStatus(live)
    cameras.store.setState((fleet) => withoutCamera(fleet, 'a'))
    last().options.onStatus(refused('camera.deleted'))
    expect(made).toHaveLength(1)
    cameras.store.setState((fleet) => withCamera(fleet, camera('a')))
    expect(made).toHaveLength(2)
    expect(last().options).toMatchObject({ camera: 'a', takeover: false })
  })
})

describe('a camera made for this', () => {
  it('is deleted when it is given up before it ever sent', async () => {
    const { publishing, cameras, last } = page
    expect(await publishing.beginNew('Desk')).toBe('new')
    last().options.onStatus({ ...starting, state: 'stopped', error: { kind: 'capture', reason: 'denied', detail: '' } })
    await publishing.start('new', false)
    await publishing.discard()
    expect(cameras.remove).toHaveBeenCalledWith('new')
  })

  it('stays when it was live once', async () => {
    const { publishing, cameras, last, state } = page
    await publishing.beginNew('Desk')
    last().options.onStatus(live)
    await publishing.discard()
    expect(cameras.remove).not.toHaveBeenCalled()
    expect(state().camera).toBeNull()
  })
})

it('remembers the last camera while nobody feeds it', async () => {
  const { publishing, cameras } = setUp({}, { 'porthole.last-camera': 'a' })
  expect(publishing.last()).toBe('a')
  cameras.store.setState(({ status }) => ({ status: { ...status, a: statusOf('a') } }))
  expect(publishing.last()).toBeNull()
})

it('tells why there is no microphone, and the picture goes on', async () => {
  const { publishing, last, notices, state } = page
  await publishing.start('a', false)
  last().options.onStatus({ ...live, error: { kind: 'capture', reason: 'denied', detail: '' } })
  await publishing.setMicrophone(true)
  expect(notices.add).toHaveBeenCalledWith({ kind: 'error', text: expect.stringContaining('microphone is not allowed') })
  expect(state().status?.state).toBe('live')
})
