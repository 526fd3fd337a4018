import { URI } from '../../../shared/wamp/uris.ts'
import { MAX_AUTHID_CHARS } from './denied.ts'
import { type AuthMethod, Denied, type Peer } from './types.ts'

/** Methods that a client may list; more are not looked at. */
const MAX_WANTED = 32

/**
 * How somebody signs in: the first method of their `authmethods` that the realm has and that suits. Without any: as who they signed in as
 * when they connected, or as nobody.
 * @param wanted HELLO's `authmethods`; undefined and empty are the same
 * @throws Denied `wamp.error.no_matching_auth_method` when none of theirs will do; `wamp.error.authentication_required` when they named none
 *   but `anonymous`, and the realm wants to know who they are ("Predefined URIs", Authentication)
 */
export function chooseMethod(
  methods: readonly AuthMethod[],
  wanted: readonly string[] | undefined,
  authid: string | undefined,
  peer: Peer,
): AuthMethod {
  if (authid !== undefined && authid.length > MAX_AUTHID_CHARS) throw new Denied(`The authid has more than ${MAX_AUTHID_CHARS} characters.`)
  const asked = wanted?.slice(0, MAX_WANTED) ?? []
  const names = asked.length > 0 ? asked : peer.visitor ? ['cookie', 'anonymous'] : ['anonymous']
  for (const name of names) {
    const method = methods.find((other) => other.name === name && other.suits(authid, peer))
    if (method) return method
  }
  const offered = [...new Set(methods.map(({ name }) => name))].filter((name) => name !== 'cookie').join(', ') || 'none'
  if (asked.every((name) => name === 'anonymous'))
    throw new Denied(`This realm asks who you are; its ways to sign in: ${offered}.`, URI.authenticationRequired)
  throw new Denied(`No way to sign in of this realm is among the client's; its own: ${offered}.`, URI.noMatchingAuthMethod)
}
