import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '../../shared/client/call.ts'
import type { SocketOptions } from '../transport/socket.ts'
import { createCameras } from './cameras.ts'
import { createNotices } from './notices.ts'
import { camera, fakeCall, statusOf } from './testing.ts'

function setUp(answers: Parameters<typeof fakeCall>[0] = {}) {
  const { call, asked } = fakeCall(answers)
  const notices = createNotices()
  const sockets: SocketOptions[] = []
  const close = vi.fn()
  const [onUnopened, onRevoked] = [vi.fn(), vi.fn()]
  const connect = (options: SocketOptions) => {
    sockets.push(options)
    return { send: () => {}, buffered: 0, reconnect: () => {}, close }
  }
  const cameras = createCameras({ call, connect, url: (path) => `ws://host${path}`, notices, onUnopened, onRevoked })
  const tell = (message: unknown) => sockets.at(-1)?.onText?.(JSON.stringify(message))
  const load = () => tell({ type: 'snapshot', last: 0, cameras: [camera('a'), camera('b')], status: [statusOf('a')] })
  return { cameras, state: cameras.store.getState, asked, notices, sockets, close, onUnopened, onRevoked, tell, load }
}

describe('the feed', () => {
  it('opens once and is open with the snapshot', () => {
    const { cameras, state, sockets, load } = setUp()
    cameras.start()
    cameras.start()
    expect(sockets.map(({ url }) => url)).toEqual(['ws://host/ws/events'])
    expect(state().feed).toBe('connecting')
    load()
    expect(state()).toMatchObject({ feed: 'open', order: ['a', 'b'] })
  })

  it('is lost when it was open, and the cameras stay', () => {
    const { cameras, state, sockets, load, onUnopened } = setUp()
    cameras.start()
    load()
    sockets[0]?.onDown?.({ code: undefined, retry: true })
    expect(state()).toMatchObject({ feed: 'lost', order: ['a', 'b'] })
    expect(onUnopened).not.toHaveBeenCalled()
    load()
    expect(state().feed).toBe('open')
  })

  it('asks whether anybody is signed in when it could not be opened', () => {
    const { cameras, state, sockets, onUnopened } = setUp()
    cameras.start()
    sockets[0]?.onDown?.({ code: undefined, retry: true })
    expect(onUnopened).toHaveBeenCalledOnce()
    expect(state().feed).toBe('connecting')
  })

  it('asks again who is signed in when the feed was ended for who they are', () => {
    const { cameras, sockets, load, onUnopened, onRevoked } = setUp()
    cameras.start()
    load()
    sockets[0]?.onDown?.({ code: 'auth.revoked', retry: false })
    expect(onRevoked).toHaveBeenCalledOnce()
    expect(onUnopened).not.toHaveBeenCalled()
  })

  it('refuses what is not of the contract and takes the error before a close', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { cameras, state, load, tell } = setUp()
    cameras.start()
    load()
    const before = state()
    tell({ type: 'error', code: 'server.closing', message: 'The server is closing.' })
    expect(warn).not.toHaveBeenCalled()
    tell({ type: 'event', at: '', kind: 'camera.status', topic: '', camera: 'a', payload: { id: 'a' } })
    expect(warn).toHaveBeenCalledOnce()
    expect(state()).toBe(before)
  })

  it('forgets everything when it is stopped', () => {
    const { cameras, state, load, close } = setUp()
    cameras.start()
    load()
    cameras.stop()
    expect(close).toHaveBeenCalledOnce()
    expect(state()).toMatchObject({ loaded: false, order: [], feed: 'connecting' })
  })
})

describe('deleting', () => {
  it('takes the camera away at once and brings it back by the notice', async () => {
    const { cameras, state, asked, notices, load } = setUp({
      'porthole.camera.delete': () => ({ id: 'a', undoUntil: '2025-06-01T10:00:30.000Z' }),
      'porthole.camera.restore': () => camera('a'),
    })
    cameras.start()
    load()
    const deleting = cameras.remove('a')
    expect(state().order).toEqual(['b'])
    expect(state().removedHere.has('a')).toBe(true)
    await deleting
    const [notice] = notices.store.getState().list
    expect(notice?.text).toContain('Camera a')
    expect(notice?.stays).toBeLessThan(30_000)
    expect(notices.runNewest()).toBe(true)
    await vi.waitFor(() => expect(state().order).toEqual(['a', 'b']))
    expect(state().removedHere.has('a')).toBe(false)
    expect(state().appeared.a).toBe(1)
    expect(asked.map(([name]) => name)).toEqual(['porthole.camera.delete', 'porthole.camera.restore'])
  })

  it('puts back what could not be deleted, and says why', async () => {
    const { cameras, state, notices, load } = setUp({
      'porthole.camera.delete': () => {
        throw new ApiError('auth.role')
      },
    })
    cameras.start()
    load()
    await cameras.remove('a')
    expect(state().order).toEqual(['a', 'b'])
    expect(notices.store.getState().list).toMatchObject([{ kind: 'error' }])
  })

  it('says that it is too late to undo', async () => {
    const { cameras, notices } = setUp({
      'porthole.camera.restore': () => {
        throw new ApiError('camera.undo')
      },
    })
    await cameras.restore('a')
    expect(notices.store.getState().list[0]?.text).toMatch(/^Too late/)
  })
})

it('shows a new and a renamed camera without waiting for the feed', async () => {
  const { cameras, state } = setUp({
    'porthole.camera.create': ({ name }: { name: string }) => camera('new', { name }),
    'porthole.camera.update': ({ name }: { name: string }) => camera('new', { name }),
  })
  await cameras.create('<b>x', { kind: 'browser' })
  expect(state().cameras.new?.name).toBe('<b>x')
  await cameras.rename('new', 'y')
  expect(state().cameras.new?.name).toBe('y')
})
