import { type Handlers, signedIn } from '../base/handlers.ts'
import type { Sessions } from './sessions.ts'
import type { SignIn } from './signin.ts'

export const sessionHandlers = (
  signIn: SignIn,
  sessions: Sessions,
): Handlers<'porthole.session.create' | 'porthole.session.get' | 'porthole.session.delete' | 'porthole.session.password'> => ({
  'porthole.session.create': async (input, caller) => {
    const { session, token } = await signIn.signIn(input, caller.address)
    caller.keepSession(token)
    return session
  },
  'porthole.session.get': async (_input, caller) => ({ session: caller.session ?? null }),
  'porthole.session.delete': async (_input, caller) => {
    if (caller.token) await sessions.delete(caller.token)
    caller.keepSession(undefined)
    return null
  },
  'porthole.session.password': async (input, caller) => {
    await signIn.changePassword(signedIn(caller), caller.token ?? '', input.password, input.old)
    return null
  },
})
