// @ts-nocheck: other people's clients, which are not installed where types are checked.
import autobahn from 'autobahn'

const { JSONSerializer, MsgpackSerializer, CBORSerializer } = autobahn.serializer
const SERIALIZERS = { json: JSONSerializer, msgpack: MsgpackSerializer, cbor: CBORSerializer }

/** It forgets a call that it cancels, unless by `kill`, and takes the router's answer for a violation. */
export const lacks = ['skip', 'killnowait']
export const runtimeError = 'wamp.error.runtime_error'

// It warns of each connection's end.
autobahn.log.warn = () => {}

const failed = (error) => {
  if (typeof error?.error !== 'string') throw error
  throw { uri: error.error, args: error.args, kwargs: error.kwargs }
}
const both = (result) => (result instanceof autobahn.Result ? result : { args: result === null ? [] : [result], kwargs: {} })
const fromHex = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'))

/** `{method, authid, ticket | secret | privateKey, publicKey}`, as Autobahn wants it. */
function credentials({ method, authid, ticket, secret, privateKey, publicKey }) {
  if (method === 'anonymous') return { authmethods: ['anonymous'] }
  const answers = {
    ticket: () => ticket,
    wampcra: ({ challenge, salt, iterations, keylen }) =>
      autobahn.auth_cra.sign(salt === undefined ? secret : autobahn.auth_cra.derive_key(secret, salt, iterations, keylen), challenge),
    cryptosign: (extra) => autobahn.auth_cryptosign.sign_challenge(autobahn.nacl.sign.keyPair.fromSeed(fromHex(privateKey)), extra),
  }
  const extra = publicKey ? { authextra: { pubkey: publicKey, channel_binding: null } } : {}
  return { authid, authmethods: [method], onchallenge: (_session, method, extra) => answers[method](extra), ...extra }
}

const connection = (url, realm, serializer, authentication, options) =>
  new autobahn.Connection({
    ...(url.startsWith('rs:')
      ? { transports: [{ type: 'rawsocket', host: new URL(url).hostname, port: Number(new URL(url).port) }] }
      : { url, serializers: [new SERIALIZERS[serializer]()] }),
    realm,
    ...credentials(authentication),
    // Whatever a handler throws is the router's to carry, and no news here.
    on_user_error: () => {},
    on_internal_error: (error) => {
      throw error
    },
    ...options,
  })

/** A session, with what WELCOME said as `welcome`. */
export function open(url, realm, serializer, authentication = { method: 'anonymous' }) {
  const opened = connection(url, realm, serializer, authentication, { max_retries: 0, retry_if_unreachable: false })
  return new Promise((resolve, reject) => {
    opened.onopen = (session, welcome) => resolve(wrapped(session, welcome, opened))
    opened.onclose = (reason, details) => {
      reject(details.reason ? { uri: details.reason, args: [], kwargs: {} } : new Error(reason))
      return true
    }
    opened.open()
  })
}

const wrapped = (session, welcome, opened) => ({
  welcome,
  id: session.id,
  call: (uri, args, kwargs, { progress, timeout, disclose } = {}) => {
    const options = { ...(progress && { receive_progress: true }), ...(timeout && { timeout }), ...(disclose && { disclose_me: true }) }
    const call = session.call(uri, args, kwargs, options)
    const result = call.then(both, failed, progress)
    return Object.assign(result, { cancel: (mode) => call.cancel({ mode }) })
  },
  register: (uri, handler, options) =>
    session
      .register(
        uri,
        async (args, kwargs, details) => {
          try {
            return await handler({ args, kwargs, details, progress: details.progress && ((value) => details.progress([value])) })
          } catch (error) {
            throw error.uri ? new autobahn.Error(error.uri, error.args, error.kwargs) : error.message
          }
        },
        options,
      )
      .then((registration) => registrations.set(`${session.id} ${uri}`, registration), failed),
  unregister: (uri) => session.unregister(registrations.get(`${session.id} ${uri}`)).then(() => {}, failed),
  subscribe: (uri, handler, options) =>
    session
      .subscribe(uri, (args, kwargs, details) => handler({ args, kwargs, details }), options)
      .then((subscription) => subscription, failed),
  unsubscribe: (subscription) => session.unsubscribe(subscription).then(() => {}, failed),
  /** @returns the publication's id */
  publish: (uri, args, kwargs, options) =>
    session.publish(uri, args, kwargs, { acknowledge: true, ...options }).then(({ id }) => id, failed),
  leave: () => opened.close(),
  drop: () => opened.transport.close(),
})
const registrations = new Map()

/** A component that registers and subscribes whenever it joins. */
export async function component(url, realm, uri, procedure, joined) {
  const retries = { initial_retry_delay: 0.05, max_retry_delay: 0.2, max_retries: -1 }
  const opened = connection(url, realm, 'json', { method: 'anonymous' }, retries)
  opened.onopen = async (session, welcome) => {
    const again = wrapped(session, welcome, opened)
    await again.register(uri, procedure)
    joined(again)
  }
  opened.open()
}
