import type { Authorization, Client, Order } from 'acme-client'
import type { Clock } from '../base/clock.ts'
import type { Challenges } from './acme-challenges.ts'
import type { KeyPair } from './key-pairs.ts'

/** Ways to prove that a name is ours: over TLS on the authority's port 443 (RFC 8737), over http on its port 80 (RFC 8555 §8.3). */
export const CHALLENGES = ['tls-alpn-01', 'http-01'] as const
export type ChallengeKind = (typeof CHALLENGES)[number]

/** Milliseconds between two questions whether the authority is done, how often it is asked, and for one request. */
const POLL_MS = 2000
const MAX_POLLS = 60
const REQUEST_MS = 30_000
/** Bytes of an answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** Whose certificate authority, and for what. */
export interface AcmeAccount {
  /** The authority's directory (RFC 8555 §7.1.1). */
  readonly directory: string
  /** Host names. */
  readonly names: readonly string[]
  /** Where the authority writes to. */
  readonly email: string | undefined
  /** For authorities that know their customers (RFC 8555 §7.3.4). */
  readonly externalAccount: { readonly kid: string; readonly hmacKey: string } | undefined
}

export interface OrderOptions {
  readonly account: AcmeAccount
  /** Private key of the account, PEM. */
  readonly accountKey: string
  readonly kind: ChallengeKind
  readonly challenges: Challenges
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The authority did not see the proof of a name: another way to prove it may do. */
export class ChallengeFailed extends Error {}

/** The library is loaded when a certificate is due, which is seldom. What it asks ends with `signal`; trying again is its caller's. */
async function load(signal: AbortSignal) {
  const { default: acme } = await import('acme-client')
  const { request, response } = acme.axios.interceptors
  request.clear()
  response.clear()
  // Every status is the client's to read. What did not come at all is told in the network's words, which its own interceptor loses.
  response.use(null, (error: Error & { code?: string; response?: unknown }) =>
    error.response
      ? error.response
      : Promise.reject(new Error(`the authority was not reached: ${[error.code, error.message].filter(Boolean).join(', ')}`)),
  )
  Object.assign(acme.axios.defaults, { signal, timeout: REQUEST_MS, maxContentLength: MAX_ANSWER_BYTES })
  return acme
}

export const makeAccountKey = async (signal: AbortSignal): Promise<string> =>
  (await load(signal)).crypto.createPrivateEcdsaKey().then(String)

/**
 * Orders a certificate (RFC 8555 §7.4).
 * @throws ChallengeFailed when a name could not be proven; Error with the authority's words, or an AbortError
 */
export async function orderCertificate(options: OrderOptions): Promise<KeyPair> {
  const { account, accountKey, signal, clock } = options
  const { Client, crypto } = await load(signal)
  const client = new Client({
    directoryUrl: account.directory,
    accountKey,
    ...(account.externalAccount && { externalAccountBinding: account.externalAccount }),
  })
  await client.createAccount({ termsOfServiceAgreed: true, ...(account.email && { contact: [`mailto:${account.email}`] }) })
  const order = await client.createOrder({ identifiers: account.names.map((value) => ({ type: 'dns', value })) })
  await prove(client, order, options)
  const [key, csr] = await crypto.createCsr({ altNames: [...account.names] }, await crypto.createPrivateEcdsaKey())
  let finished = await client.finalizeOrder(await client.getOrder(order), csr)
  const done = await until(clock, signal, async () => {
    finished = await client.getOrder(order)
    if (finished.status === 'invalid') throw new Error(`the order was refused${because(finished.error)}`)
    return finished.status === 'valid'
  })
  if (!done) throw new Error('the authority does not come to an end')
  return { key: String(key), cert: await client.getCertificate(finished) }
}

/** Offers the answers to all challenges of one kind, until the authority has seen them. */
async function prove(client: Client, order: Order, options: OrderOptions): Promise<void> {
  const { kind, clock, signal } = options
  const withdraw: (() => void)[] = []
  const unproven = (authorization: Authorization) =>
    new ChallengeFailed(`${authorization.identifier.value} was not proven by ${kind}${because(faultOf(authorization))}`)
  try {
    for (const authorization of await client.getAuthorizations(order)) {
      if (authorization.status === 'valid') continue
      const challenge = authorization.challenges.find(({ type }) => (type as string) === kind)
      if (!challenge) throw new ChallengeFailed(`the authority offers no ${kind} for ${authorization.identifier.value}`)
      withdraw.push(await offer(client, authorization, challenge, options))
      await client.completeChallenge(challenge)
    }
    let open: Authorization | undefined
    await until(clock, signal, async () => {
      const authorizations = await client.getAuthorizations(order)
      const failed = authorizations.find(({ status }) => status !== 'pending' && status !== 'valid')
      if (failed) throw unproven(failed)
      open = authorizations.find(({ status }) => status !== 'valid')
      return !open
    })
    // Some authorities leave what they could not reach pending (RFC 8555 §8.2): another way may do.
    if (open) throw unproven(open)
  } finally {
    for (const take of withdraw) take()
  }
}

/** Offers the answer to one challenge. @returns what takes the offer back */
async function offer(
  client: Client,
  authorization: Authorization,
  challenge: Authorization['challenges'][number],
  { kind, challenges, signal }: OrderOptions,
): Promise<() => void> {
  const text = await client.getChallengeKeyAuthorization(challenge)
  if (kind === 'http-01') return challenges.offerText(challenge.token, text)
  const { crypto } = await load(signal)
  const [key, cert] = await crypto.createAlpnCertificate(authorization, text, await crypto.createPrivateEcdsaKey())
  return challenges.offerCertificate(authorization.identifier.value, { key: String(key), cert: String(cert) })
}

const faultOf = ({ challenges }: Authorization) => challenges.find(({ error }) => error)?.error

/** The authority's own words (a problem document, RFC 8555 §6.7). */
const because = (problem: object | undefined): string =>
  problem && 'detail' in problem && typeof problem.detail === 'string' ? `: ${problem.detail.slice(0, 500)}` : ''

/** @returns whether it was done, in the end */
async function until(clock: Clock, signal: AbortSignal, done: () => Promise<boolean>): Promise<boolean> {
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    signal.throwIfAborted()
    if (await done()) return true
    await pause(clock, POLL_MS, signal)
  }
  return false
}

const pause = (clock: Clock, ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      stop()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const stop = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
