import type { Dict } from '../../shared/wamp/messages.ts'
import type { ClientAuth } from '../wamp/auth/answers.ts'
import { chooseMethod } from '../wamp/auth/choose.ts'
import type { Answer, AuthMethod, Peer, Principal, Step } from '../wamp/auth/types.ts'

export const peerAt = (address: string, visitor?: Peer['visitor']): Peer => ({ address, isLoopback: false, visitor, transport: {} })

/** HELLO, without the rest of a session. */
export function hello(methods: readonly AuthMethod[], client: ClientAuth, peer: Peer): Promise<Step> {
  const method = chooseMethod(methods, [client.method], client.authid, peer)
  return method.begin(client.authid, { authextra: client.authextra?.() }, peer, 1)
}

/** The challenge of a step, and what takes its answer. */
export function asked(step: Step): { readonly challenge: Dict; readonly answer: Answer } {
  if ('principal' in step) throw new Error('it was let in without a challenge')
  return step
}

/** A client signs in, and verifies what WELCOME says. */
export async function signIn(methods: readonly AuthMethod[], client: ClientAuth, peer: Peer): Promise<Principal> {
  let step = await hello(methods, client, peer)
  while (!('principal' in step)) {
    const { signature, extra } = await client.answer(step.challenge)
    step = await step.answer(signature, extra)
  }
  client.verify?.({ ...step.principal })
  return step.principal
}
