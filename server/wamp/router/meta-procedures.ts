import { isDict } from '../../../shared/wamp/decode.ts'
import type { Args, Dict, Payload } from '../../../shared/wamp/messages.ts'
import { isReserved, isUri, MATCHES, type Match, URI } from '../../../shared/wamp/uris.ts'
import { Audience } from './audience.ts'
import { Failure } from './failure.ts'
import type { LocalCall } from './local.ts'
import type { Member } from './member.ts'
import { registrationDetails } from './meta-events.ts'
import type { Realm } from './realm.ts'
import type { Registration } from './registrations.ts'
import { detailsOf, listsOf, type Subscription } from './subscriptions.ts'
import { SCOPES, type Scope } from './testaments.ts'

/** What needs no leave to know of others: it is about the caller alone, or asks by itself. */
export const WITHOUT_META: ReadonlySet<string> = new Set([
  'wamp.session.add_testament',
  'wamp.session.flush_testaments',
  'wamp.subscription.get_events',
])

/** The reason of a session that was killed without one ("wamp.session.kill"). */
const CLOSE_NORMAL = 'wamp.close.normal'

const one = (value: unknown): Payload => ({ args: [value] })

/** Has a realm answer the procedures of its meta API. */
export function provideMeta(realm: Realm): void {
  provideSessions(realm)
  provideTestaments(realm)
  provideSubscriptions(realm)
  provideRegistrations(realm)
}

function provideSessions({ dealer, members }: Realm): void {
  const listed = ([roles]: Args) => {
    if (roles === undefined || roles === null) return [...members.values()]
    if (!Array.isArray(roles)) throw new Failure(URI.invalidArgument, 'filter_authroles must be a list')
    return [...members.values()].filter(({ principal }) => roles.includes(principal.authrole))
  }
  const find = ([id]: Args): Member => {
    const member = typeof id === 'number' ? members.get(id) : undefined
    if (!member) throw new Failure(URI.noSuchSession, 'there is no such session')
    return member
  }
  const kill = ({ caller, kwargs }: LocalCall, which: (member: Member) => boolean): number[] => {
    const { reason = CLOSE_NORMAL, message } = kwargs
    if (typeof reason !== 'string' || !isUri(reason, 'loose')) throw new Failure(URI.invalidUri, 'reason is no URI')
    const killed = [...members.values()].filter((member) => member !== caller && which(member))
    for (const member of killed) member.kill(reason, typeof message === 'string' ? message : undefined)
    return killed.map(({ id }) => id)
  }
  dealer.provide('wamp.session.count', ({ args }) => one(listed(args).length))
  dealer.provide('wamp.session.list', ({ args }) => one(listed(args).map(({ id }) => id)))
  dealer.provide('wamp.session.get', ({ args }) => {
    const member = find(args)
    return one({ ...member.details, events_lost: member.lost })
  })
  dealer.provide('wamp.session.kill', (call) => {
    const member = find(call.args)
    if (kill(call, (each) => each === member).length === 0) throw new Failure(URI.noSuchSession, 'there is no other such session')
    return undefined
  })
  dealer.provide('wamp.session.kill_by_authid', (call) => one(kill(call, ({ principal }) => principal.authid === call.args[0])))
  dealer.provide('wamp.session.kill_by_authrole', (call) => one(kill(call, ({ principal }) => principal.authrole === call.args[0]).length))
  dealer.provide('wamp.session.kill_all', (call) => one(kill(call, () => true).length))
}

function provideTestaments(realm: Realm): void {
  const { dealer, testaments, uris } = realm
  const scopeOf = ({ scope = 'destroyed' }: Dict): Scope => {
    const found = SCOPES.find((known) => known === scope)
    if (!found) throw new Failure(URI.invalidArgument, `scope must be ${SCOPES.join(' or ')}`)
    return found
  }
  dealer.provide('wamp.session.add_testament', async ({ caller, args: [topic, args = [], kwargs = {}], kwargs: said }) => {
    const { publish_options: options = {} } = said
    if (typeof topic !== 'string' || !isUri(topic, uris) || isReserved(topic)) throw new Failure(URI.invalidUri, 'topic is no URI')
    if (!Array.isArray(args) || !isDict(kwargs) || !isDict(options))
      throw new Failure(URI.invalidArgument, 'a testament is a topic, a list, a dictionary, and publish_options')
    // What is wrong with them is told now, when somebody hears it.
    Audience.of(options, caller)
    const { allow } = await realm.authorize(caller, { action: 'publish', uri: topic, match: 'exact', options })
    if (!allow) throw new Failure(URI.notAuthorized, `you may not publish to ${topic}`)
    if (!testaments.add(caller, scopeOf(said), { topic, args, kwargs, options }))
      throw new Failure('porthole.error.server.limit', 'too many testaments, or too large ones')
    return undefined
  })
  dealer.provide('wamp.session.flush_testaments', ({ caller, kwargs }) => {
    testaments.flush(caller, scopeOf(kwargs))
    return undefined
  })
}

function provideSubscriptions(realm: Realm): void {
  const { broker, dealer } = realm
  const { subscriptions } = broker
  const find = ([id]: Args): Subscription => {
    const found = typeof id === 'number' ? subscriptions.get(id) : undefined
    if (!found) throw new Failure(URI.noSuchSubscription, 'there is no such subscription')
    return found
  }
  dealer.provide('wamp.subscription.list', () => one(listsOf(subscriptions.index)))
  dealer.provide('wamp.subscription.lookup', ({ args: [uri, options] }) =>
    one(subscriptions.index.get({ uri: textOf(uri), match: matchOf(options) })?.id ?? null),
  )
  dealer.provide('wamp.subscription.match', ({ args: [uri] }) => {
    const found = [...subscriptions.index.matching(textOf(uri))].map(({ id }) => id)
    return one(found.length > 0 ? found : null)
  })
  dealer.provide('wamp.subscription.get', ({ args }) => one(detailsOf(find(args))))
  dealer.provide('wamp.subscription.list_subscribers', ({ args }) => one([...find(args).members].map(({ id }) => id)))
  dealer.provide('wamp.subscription.count_subscribers', ({ args }) => one(find(args).members.size))
  dealer.provide('wamp.subscription.get_events', async ({ caller, args, kwargs }) => {
    const subscription = find(args)
    const { uri, match } = subscription
    if (!broker.hasPast(subscription)) throw new Failure(URI.noSuchSubscription, 'there is no history of this subscription')
    const { allow } = await realm.authorize(caller, { action: 'subscribe', uri, match, options: {} })
    if (!allow) throw new Failure(URI.notAuthorized, 'you may not subscribe to this')
    // One list: the specification can be read both ways, and clients of Crossbar's take it so, its limit as the second argument too.
    return one(broker.past(caller, subscription, args[1] === undefined ? kwargs : { limit: args[1], ...kwargs }))
  })
  // No procedure of the specification's, which says that a router may revoke and not how it is asked to.
  dealer.provide('wamp.subscription.remove_subscriber', ({ args, kwargs }) => {
    const subscription = find(args)
    const member = [...subscription.members].find(({ id }) => id === args[1])
    if (!member) throw new Failure(URI.noSuchSession, 'this session is not subscribed')
    broker.revoke(member, subscription, reasonOf(args[2] ?? kwargs.reason))
    return undefined
  })
}

function provideRegistrations({ dealer }: Realm): void {
  const { registrations } = dealer.callees
  const find = ([id]: Args): Registration => {
    const found = typeof id === 'number' ? registrations.get(id) : undefined
    if (!found) throw new Failure(URI.noSuchRegistration, 'there is no such registration')
    return found
  }
  dealer.provide('wamp.registration.list', () => one(listsOf(registrations.index)))
  dealer.provide('wamp.registration.lookup', ({ args: [uri, options] }) =>
    one(registrations.index.get({ uri: textOf(uri), match: matchOf(options) })?.id ?? null),
  )
  dealer.provide('wamp.registration.match', ({ args: [uri] }) => one(registrations.index.best(textOf(uri))?.id ?? null))
  dealer.provide('wamp.registration.get', ({ args }) => one(registrationDetails(find(args))))
  dealer.provide('wamp.registration.list_callees', ({ args }) => one(find(args).callees.map(({ id }) => id)))
  dealer.provide('wamp.registration.count_callees', ({ args }) => one(find(args).callees.length))
  // As above.
  dealer.provide('wamp.registration.remove_callee', ({ args, kwargs }) => {
    const registration = find(args)
    const member = registration.callees.find(({ id }) => id === args[1])
    if (!member) throw new Failure(URI.noSuchSession, 'this session did not register it')
    dealer.callees.revoke(member, registration, reasonOf(args[2] ?? kwargs.reason))
    return undefined
  })
}

function textOf(uri: unknown): string {
  if (typeof uri !== 'string') throw new Failure(URI.invalidArgument, 'say a URI')
  return uri
}

function matchOf(options: unknown): Match {
  const said = isDict(options) ? (options.match ?? 'exact') : 'exact'
  const found = MATCHES.find((match) => match === said)
  if (!found) throw new Failure(URI.invalidArgument, `match must be one of ${MATCHES.join(', ')}`)
  return found
}

const reasonOf = (reason: unknown): string => (typeof reason === 'string' ? reason : 'taken back')
