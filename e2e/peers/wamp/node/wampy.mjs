// @ts-nocheck: other people's clients, which are not installed where types are checked.
import { Wampy } from 'wampy'
import { CborSerializer } from 'wampy/CborSerializer.js'
import * as cryptosign from 'wampy/cryptosign.js'
import { JsonSerializer } from 'wampy/JsonSerializer.js'
import { MsgpackSerializer } from 'wampy/MsgpackSerializer.js'
import * as wampcra from 'wampy/wampcra.js'
import websocket from 'websocket'

const SERIALIZERS = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }

/** It sends `exclude_me` only when that is true, checks URIs itself, and does not say that its callees make progress. */
export const lacks = ['exclude_me', 'invalid uri', 'progress']
export const runtimeError = 'wamp.error.invocation_exception'

const failed = ({ errorUri, argsList, argsDict, ...rest }) => {
  if (!errorUri) throw Object.assign(new Error('wampy failed'), rest)
  throw { uri: errorUri, args: argsList ?? [], kwargs: argsDict ?? {} }
}
const payload = (args, kwargs) => ({ ...(args && { argsList: args }), ...(kwargs && { argsDict: kwargs }) })

/** `{method, authid, ticket | secret | privateKey, publicKey}`, as wampy wants it. */
function credentials({ method, authid, ticket, secret, privateKey, publicKey, cookie }) {
  if (method === 'anonymous') return {}
  if (method === 'cookie') return { helloCustomDetails: { authmethods: ['cookie'] }, additionalHeaders: { Cookie: cookie } }
  const plugin = method === 'ticket' ? () => ticket : method === 'wampcra' ? wampcra.sign(secret) : cryptosign.sign(privateKey)
  const extra = publicKey ? { authextra: { pubkey: publicKey, channel_binding: null } } : {}
  return { authid, authmethods: [method], authMode: 'auto', authPlugins: { [method]: plugin }, ...extra }
}

/** A session, with what WELCOME said as `welcome`. */
export async function open(url, realm, serializer, authentication = { method: 'anonymous' }, options = {}) {
  const wampy = new Wampy(url, {
    realm,
    ws: websocket.w3cwebsocket,
    serializer: new SERIALIZERS[serializer](),
    autoReconnect: false,
    ...credentials(authentication),
    ...options,
  })
  const welcome = await wampy.connect().catch(failed)
  return {
    welcome,
    get id() {
      return wampy.getSessionId()
    },
    call: (uri, args, kwargs, { progress, timeout, disclose } = {}) => {
      const onProgress = progress && { progress_callback: ({ argsList }) => progress(argsList[0]) }
      const call = wampy.call(uri, payload(args, kwargs), {
        ...onProgress,
        ...(timeout && { timeout }),
        ...(disclose && { disclose_me: true }),
      })
      const request = wampy.getOpStatus().reqId
      const result = call.then(({ argsList, argsDict }) => ({ args: argsList ?? [], kwargs: argsDict ?? {} }), failed)
      return Object.assign(result, { cancel: (mode) => wampy.cancel(request, { mode }) })
    },
    register: (uri, handler, { match, invoke } = {}) =>
      wampy
        .register(
          uri,
          async ({ argsList = [], argsDict = {}, details }) => {
            try {
              return { argsList: [await handler({ args: argsList, kwargs: argsDict, details })] }
            } catch (error) {
              throw error.uri ? { error: error.uri, argsList: error.args, argsDict: error.kwargs } : error
            }
          },
          { ...(match && { match }), ...(invoke && { invoke }) },
        )
        .catch(failed),
    unregister: (uri) => wampy.unregister(uri).catch(failed),
    subscribe: (uri, handler, options) =>
      wampy
        .subscribe(uri, ({ argsList = [], argsDict = {}, details }) => handler({ args: argsList, kwargs: argsDict, details }), options)
        .catch(failed),
    unsubscribe: ({ subscriptionKey }) => wampy.unsubscribe(subscriptionKey).catch(failed),
    /** @returns the publication's id */
    publish: (uri, args, kwargs, options = {}) =>
      wampy.publish(uri, payload(args, kwargs), options).then(({ publicationId }) => publicationId, failed),
    leave: () => wampy.disconnect(),
    drop: () => wampy.abort(),
  }
}

/** A component that registers and subscribes once; wampy does it again by itself. */
export async function component(url, realm, uri, procedure, joined) {
  const again = () => setImmediate(joined, session)
  const options = { autoReconnect: true, reconnectInterval: 50, maxRetries: 0, onReconnectSuccess: again }
  const session = await open(url, realm, 'json', undefined, options)
  await session.register(uri, procedure)
  await joined(session)
}
