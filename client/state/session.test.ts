import { describe, expect, it, vi } from 'vitest'
import { ApiError, NetworkError } from '../../shared/client/call.ts'
import { createSession, may, takeLink } from './session.ts'
import { fakeCall } from './testing.ts'

const owner = { user: 'owner', role: 'owner', hasPassword: false } as const
const refuse = (code: 'auth.link' | 'auth.wrong') => () => {
  throw new ApiError(code)
}

describe('who is signed in', () => {
  it('is asked, once at a time', async () => {
    const { call, asked } = fakeCall({ 'porthole.session.get': () => ({ session: owner }) })
    const session = createSession({ call })
    await Promise.all([session.check(), session.check()])
    expect(asked).toHaveLength(1)
    expect(session.store.getState()).toMatchObject({ phase: 'signed-in', session: owner })
  })

  it('is asked again while the server does not answer', async () => {
    let up = false
    const { call } = fakeCall({
      'porthole.session.get': () => {
        if (!up) throw new NetworkError('down')
        return { session: null }
      },
    })
    const later: (() => void)[] = []
    const session = createSession({ call, setTimeout: (run) => later.push(run) })
    await session.check()
    expect(session.store.getState()).toMatchObject({ phase: 'unknown', unreachable: true })
    up = true
    later[0]?.()
    await vi.waitFor(() => expect(session.store.getState()).toMatchObject({ phase: 'signed-out', unreachable: false }))
    expect(later).toHaveLength(1)
  })

  it('is told whether it was ended elsewhere, and who signs in is remembered', async () => {
    let answer = { session: owner as typeof owner | null }
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    }
    const { call } = fakeCall({
      'porthole.session.get': () => answer,
      'porthole.session.delete': () => null,
      'porthole.session.create': () => ({ ...owner, user: 'ada' }),
    })
    const session = createSession({ call, storage })
    expect(session.lastUser()).toBe('owner')
    await session.signIn('ada', 'a password')
    expect([session.lastUser(), session.store.getState().ended]).toEqual(['ada', false])
    await session.check()
    expect(session.store.getState()).toMatchObject({ phase: 'signed-in', ended: false })
    answer = { session: null }
    await session.check()
    expect(session.store.getState()).toMatchObject({ phase: 'signed-out', ended: true })
    await session.signIn('ada', 'a password')
    await session.signOut()
    expect(session.store.getState()).toMatchObject({ phase: 'signed-out', ended: false })
  })

  it('stays signed in when the server is away for a moment, and is out when it says so', async () => {
    let answer: () => unknown = () => ({ session: owner })
    const { call } = fakeCall({ 'porthole.session.get': () => answer() })
    const session = createSession({ call })
    await session.check()
    answer = () => {
      throw new NetworkError('down')
    }
    await session.check()
    expect(session.store.getState()).toMatchObject({ phase: 'signed-in', unreachable: false })
    session.lost()
    expect(session.store.getState().phase).toBe('signed-out')
  })
})

describe('signing in', () => {
  it('by link', async () => {
    const { call, asked } = fakeCall({ 'porthole.session.create': () => owner })
    const session = createSession({ call })
    await session.redeemLink('secret')
    expect(asked).toEqual([['porthole.session.create', { link: 'secret' }]])
    expect(session.store.getState().phase).toBe('signed-in')
  })

  it('by a link that is used up: says so, unless the browser is signed in anyway', async () => {
    const { call } = fakeCall({ 'porthole.session.create': refuse('auth.link'), 'porthole.session.get': () => ({ session: null }) })
    const session = createSession({ call })
    await session.redeemLink('old')
    expect(session.store.getState()).toMatchObject({ phase: 'signed-out', linkError: { code: 'auth.link' } })
  })

  it('by password: a wrong one is the caller’s to show', async () => {
    const { call } = fakeCall({ 'porthole.session.create': refuse('auth.wrong') })
    const session = createSession({ call })
    await expect(session.signIn('owner', 'wrong')).rejects.toMatchObject({ code: 'auth.wrong' })
    expect(session.store.getState().phase).toBe('unknown')
  })

  it('then a password can be set', async () => {
    const { call, asked } = fakeCall({ 'porthole.session.create': () => owner, 'porthole.session.password': () => null })
    const session = createSession({ call })
    await session.redeemLink('secret')
    await session.setPassword('longenough', undefined)
    expect(asked[1]).toEqual(['porthole.session.password', { password: 'longenough' }])
    expect(session.store.getState().session?.hasPassword).toBe(true)
  })
})

describe('the sign-in link', () => {
  it('leaves the address bar before it is used', () => {
    const replaceState = vi.fn()
    const location = { hash: '#signin=s%2Fcret', pathname: '/camera/a', search: '?x=1' }
    expect(takeLink(location, { replaceState })).toBe('s/cret')
    expect(replaceState).toHaveBeenCalledWith(null, '', '/camera/a?x=1')
  })

  it('is not any other fragment', () => {
    const replaceState = vi.fn()
    expect(takeLink({ hash: '#other', pathname: '/', search: '' }, { replaceState })).toBeUndefined()
    expect(replaceState).not.toHaveBeenCalled()
    expect(takeLink({ hash: '#signin=', pathname: '/', search: '' }, { replaceState })).toBeUndefined()
  })
})

it('knows what a role may', () => {
  expect(may({ ...owner, role: 'viewer' }, 'operator')).toBe(false)
  expect(may(owner, 'operator')).toBe(true)
  expect(may(null, 'viewer')).toBe(false)
})
