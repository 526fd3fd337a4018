/** Error and closing URIs that the specification names ("Predefined URIs"). */
export const URI = {
  // Basic profile: incorrect URIs, interaction, session close, authorization.
  invalidUri: 'wamp.error.invalid_uri',
  noSuchProcedure: 'wamp.error.no_such_procedure',
  procedureAlreadyExists: 'wamp.error.procedure_already_exists',
  noSuchRegistration: 'wamp.error.no_such_registration',
  noSuchSubscription: 'wamp.error.no_such_subscription',
  invalidArgument: 'wamp.error.invalid_argument',
  closeRealm: 'wamp.close.close_realm',
  goodbyeAndOut: 'wamp.close.goodbye_and_out',
  killed: 'wamp.close.killed',
  systemShutdown: 'wamp.close.system_shutdown',
  protocolViolation: 'wamp.error.protocol_violation',
  notAuthorized: 'wamp.error.not_authorized',
  authorizationFailed: 'wamp.error.authorization_failed',
  noSuchRealm: 'wamp.error.no_such_realm',
  noSuchRole: 'wamp.error.no_such_role',
  noSuchSession: 'wamp.error.no_such_session',
  noSuchPrincipal: 'wamp.error.no_such_principal',
  authenticationDenied: 'wamp.error.authentication_denied',
  authenticationFailed: 'wamp.error.authentication_failed',
  authenticationRequired: 'wamp.error.authentication_required',
  // Advanced profile.
  canceled: 'wamp.error.canceled',
  timeout: 'wamp.error.timeout',
  unavailable: 'wamp.error.unavailable',
  noAvailableCallee: 'wamp.error.no_available_callee',
  optionNotAllowed: 'wamp.error.option_not_allowed',
  optionDisallowedDiscloseMe: 'wamp.error.option_disallowed.disclose_me',
  featureNotSupported: 'wamp.error.feature_not_supported',
  payloadSizeExceeded: 'wamp.error.payload_size_exceeded',
  procedureExistsInvocationPolicyConflict: 'wamp.error.procedure_exists_with_different_invocation_policy',
  noMatchingAuthMethod: 'wamp.error.no_matching_auth_method',
  networkFailure: 'wamp.error.network_failure',
  unspecifiedError: 'wamp.error.unspecified_error',
  runtimeError: 'wamp.error.runtime_error',
} as const

/** Characters of a URI. */
export const MAX_URI_CHARS = 1024

/** How a topic or procedure matches: itself, what begins with it, or what fits with any component where it has an empty one ("Pattern-based Subscriptions"). */
export type Match = 'exact' | 'prefix' | 'wildcard'
export const MATCHES: readonly Match[] = ['exact', 'prefix', 'wildcard']

/** Loose: no white space, no `#`, no empty component; strict: lower-case letters, digits and underscores ("URIs", the four expressions). */
export type UriCheck = 'loose' | 'strict'

const COMPLETE: Readonly<Record<UriCheck, RegExp>> = {
  loose: /^(?:[^\s.#]+\.)*[^\s.#]+$/,
  strict: /^(?:[0-9a-z_]+\.)*[0-9a-z_]+$/,
}
const WITH_EMPTY: Readonly<Record<UriCheck, RegExp>> = {
  loose: /^(?:[^\s.#]*\.)*[^\s.#]*$/,
  strict: /^(?:[0-9a-z_]*\.)*[0-9a-z_]*$/,
}

/** Whether a text is a URI, or a pattern of some. A prefix may end in the middle of a component, or with its dot; the empty one is of all. */
export function isUri(text: string, check: UriCheck, match: Match = 'exact'): boolean {
  if (text.length > MAX_URI_CHARS) return false
  if (match === 'exact') return COMPLETE[check].test(text)
  if (match === 'wildcard') return WITH_EMPTY[check].test(text)
  return text === '' || COMPLETE[check].test(text.endsWith('.') ? text.slice(0, -1) : text)
}

/** URIs that only the router itself publishes to and answers ("URIs", reserved). */
export const isReserved = (uri: string): boolean => uri === 'wamp' || uri.startsWith('wamp.')

/** Largest identifier: every integer up to it is exact in a double ("IDs"). */
export const MAX_ID = 2 ** 53

/** A random identifier of the global scope ("IDs"): 1 to 2^53 - 1. @param random as Math.random */
export const randomId = (random: () => number): number => Math.floor(random() * (MAX_ID - 1)) + 1
