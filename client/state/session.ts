import { createStore } from 'zustand/vanilla'
import type { Call } from '../../shared/client/call.ts'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import type { KeyValue } from './storage.ts'

/** Milliseconds until the server is asked again who is signed in when it could not be reached. */
const RETRY_MS = 2000
const FRAGMENT = '#signin='
const LAST_USER = 'porthole.user'
const FIRST_USER = 'owner'

export interface SessionState {
  /** unknown: the server was not heard yet. */
  readonly phase: 'unknown' | 'signed-in' | 'signed-out'
  readonly session: Session | null
  /** The server does not answer; it is asked again. */
  readonly unreachable: boolean
  /** Why the sign-in link did not work. */
  readonly linkError: unknown
  /** It was ended elsewhere: by another browser, an owner, or its age. */
  readonly ended: boolean
}

export interface SessionOptions {
  readonly call: Call
  /** Where it is kept who signed in last. */
  readonly storage?: KeyValue
  readonly setTimeout?: (run: () => void, ms: number) => unknown
}

export type SessionStore = ReturnType<typeof createSession>

/** Who is signed in. */
export function createSession({ call, storage, setTimeout = globalThis.setTimeout }: SessionOptions) {
  const store = createStore<SessionState>(() => ({ phase: 'unknown', session: null, unreachable: false, linkError: null, ended: false }))
  const know = (session: Session | null, ended = false) => {
    if (session) storage?.setItem(LAST_USER, session.user)
    store.setState({ phase: session ? 'signed-in' : 'signed-out', session, unreachable: false, ended: ended && !session })
  }
  let checking: Promise<void> | undefined

  const ask = async (): Promise<void> => {
    try {
      const { session } = await call('porthole.session.get', {})
      know(session, store.getState().phase === 'signed-in')
    } catch {
      // Who is known to be signed in stays so: the events socket tells of the lost connection.
      if (store.getState().phase !== 'unknown') return
      store.setState({ unreachable: true })
      setTimeout(() => void check(), RETRY_MS)
    }
  }
  /** Asks the server, once at a time. */
  const check = (): Promise<void> => {
    checking ??= ask().finally(() => {
      checking = undefined
    })
    return checking
  }

  return {
    store,
    check,
    /** Signs in by the secret of a one-time link; where it is good no more, who is signed in stays so. */
    async redeemLink(secret: string): Promise<void> {
      try {
        know(await call('porthole.session.create', { link: secret }))
      } catch (linkError) {
        store.setState({ linkError })
        await check()
      }
    },
    /** @throws ApiError auth.wrong, request.rate; NetworkError */
    async signIn(user: string, password: string): Promise<void> {
      const session = await call('porthole.session.create', { user, password })
      store.setState({ linkError: null })
      know(session)
    },
    /** @throws ApiError, NetworkError */
    async signOut(): Promise<void> {
      await call('porthole.session.delete', {})
      know(null)
    },
    /** @throws ApiError auth.wrong when the old password is not right; NetworkError */
    async setPassword(password: string, old: string | undefined): Promise<void> {
      await call('porthole.session.password', { password, ...(old === undefined ? {} : { old }) })
      store.setState(({ session }) => ({ session: session && { ...session, hasPassword: true } }))
    },
    /** A procedure was refused because nobody is signed in (any more). */
    lost(): void {
      if (store.getState().phase === 'signed-in') know(null, true)
    },
    /** Who signed in last with this browser; at first the user that every server begins with. */
    lastUser: (): string => storage?.getItem(LAST_USER) ?? FIRST_USER,
  }
}

/** Whether a session may do what `needed` asks for. */
export const may = (session: Session | null, needed: Role): boolean => session !== null && allows(session.role, needed)

/**
 * The secret of `#signin=SECRET`, which leaves the address bar and the history at once: a link that stays visible is
 * copied, bookmarked and photographed.
 */
export function takeLink(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | undefined {
  if (!location.hash.startsWith(FRAGMENT)) return undefined
  const secret = location.hash.slice(FRAGMENT.length)
  history.replaceState(null, '', location.pathname + location.search)
  try {
    return decodeURIComponent(secret) || undefined
  } catch {
    return secret
  }
}
