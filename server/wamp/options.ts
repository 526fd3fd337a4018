import Type, { type Static, type TSchema } from 'typebox'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import { isUri, MATCHES, type Match } from '../../shared/wamp/uris.ts'
import { checkKeys, checkPrincipals, PrincipalSchema, UserKeysSchema } from './auth/principals.ts'
import { ACTIONS, DISCLOSURES } from './router/authorization.ts'
import { HISTORY_EVENTS, MAX_HISTORY_EVENTS } from './router/history.ts'

/** Milliseconds that a call may take without a time-out of its own, unless told. */
export const CALL_TIMEOUT_MS = 600_000

const strict = { additionalProperties: false } as const
const oneOf = <const W extends string>(words: readonly W[]) => Type.Unsafe<W>(Type.Union(words.map((word) => Type.Literal(word))))
const match = Type.Optional(oneOf(MATCHES))
const uri = Type.String({ maxLength: 1024 })
const callTimeoutMs = Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 }))
const name = /^[^\s#]{1,255}$/

const PermissionSchema = Type.Object(
  {
    uri,
    match,
    allow: Type.Array(oneOf(ACTIONS), { maxItems: ACTIONS.length }),
    disclose: Type.Optional(oneOf(DISCLOSURES)),
  },
  strict,
)

const RoleSchema = Type.Object(
  {
    permissions: Type.Optional(Type.Array(PermissionSchema, { maxItems: 1000 })),
    /** A procedure of the realm that is asked where no permission allows it. */
    authorizer: Type.Optional(uri),
    /** Whether it may use the meta API. */
    meta: Type.Optional(Type.Boolean()),
  },
  strict,
)

const HistorySchema = Type.Object(
  { topic: uri, match, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_HISTORY_EVENTS })) },
  strict,
)

const RealmSchema = Type.Object(
  {
    uris: Type.Optional(oneOf(['loose', 'strict'])),
    principals: Type.Optional(Type.Array(PrincipalSchema, { maxItems: 10_000 })),
    /** The role of who does not say who they are. */
    anonymous: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    roles: Type.Optional(Type.Object({})),
    history: Type.Optional(Type.Array(HistorySchema, { maxItems: 1000 })),
    callTimeoutMs,
  },
  strict,
)

const WampSchema = Type.Object(
  {
    realms: Type.Optional(Type.Object({})),
    /** Keys that sign in users of this server, in realm `porthole`. */
    cryptosignKeys: Type.Optional(Type.Array(UserKeysSchema, { maxItems: 10_000 })),
    callTimeoutMs,
  },
  strict,
)

export type RoleOptions = Static<typeof RoleSchema>
export type HistoryOptions = Static<typeof HistorySchema>
export type RealmOptions = Omit<Static<typeof RealmSchema>, 'roles'> & { readonly roles: Readonly<Record<string, RoleOptions>> }
/** What the configuration says of WAMP. */
export type WampOptions = Omit<Static<typeof WampSchema>, 'realms'> & { readonly realms: Readonly<Record<string, RealmOptions>> }

/** The realm of this server's users, which no configuration makes. */
export const PORTHOLE_REALM = 'porthole'

/** @throws Error that names the key and the mend */
export function wampOptions(value: unknown): WampOptions {
  const { realms = {}, ...rest } = check<Static<typeof WampSchema>>(WampSchema, value, 'wamp')
  checkKeys(rest.cryptosignKeys ?? [], 'wamp.cryptosignKeys')
  return {
    ...rest,
    realms: Object.fromEntries(Object.entries(realms).map(([realm, said]) => [realm, realmOptions(realm, said)])),
  }
}

function realmOptions(realm: string, value: unknown): RealmOptions {
  const key = `wamp.realms.${realm}`
  if (realm === PORTHOLE_REALM) throw new Error(`${key} is this server's own realm, for its users; choose another name`)
  if (!name.test(realm) || !isUri(realm, 'loose')) throw new Error(`${key}: the name is no URI; say something like com.example.factory`)
  const said = check<Static<typeof RealmSchema>>(RealmSchema, value, key)
  const roles = Object.fromEntries(
    Object.entries(said.roles ?? {}).map(([role, rules]) => [role, check<RoleOptions>(RoleSchema, rules, `${key}.roles.${role}`)]),
  )
  const { principals = [], anonymous, history = [] } = said
  checkPrincipals(principals, `${key}.principals`)
  const needed: [string, string][] = principals.map((principal, i) => [principal.role, `${key}.principals[${i}].role`])
  if (anonymous !== undefined) needed.push([anonymous, `${key}.anonymous`])
  for (const [role, where] of needed)
    if (!Object.hasOwn(roles, role)) throw new Error(`${where} is ${JSON.stringify(role)}, and ${key}.roles has no such role; add it there`)
  if (needed.length === 0) throw new Error(`${key}: nobody could join it; give it principals, or anonymous a role`)
  for (const [role, { permissions = [], authorizer }] of Object.entries(roles)) {
    for (const [i, permission] of permissions.entries())
      checkUri(permission, said.uris ?? 'loose', `${key}.roles.${role}.permissions[${i}].uri`)
    if (authorizer !== undefined) checkUri({ uri: authorizer }, said.uris ?? 'loose', `${key}.roles.${role}.authorizer`)
  }
  for (const [i, { topic, match: matched }] of history.entries())
    checkUri({ uri: topic, match: matched }, said.uris ?? 'loose', `${key}.history[${i}].topic`)
  return { ...said, roles }
}

type Said = { readonly uri: string; readonly match?: Match | undefined }

function checkUri({ uri: said, match: matched = 'exact' }: Said, how: 'loose' | 'strict', key: string): void {
  if (!isUri(said, how, matched)) throw new Error(`${key} is ${JSON.stringify(said)}, which is no ${how} URI to match ${matched}`)
}

function check<T>(schema: TSchema, value: unknown, key: string): T {
  const found = fault(schema as Schema, value, key)
  if (found) throw new Error(found)
  return value as T
}

/** What the schema leaves open, filled in. */
export const historyOf = ({ history = [] }: Pick<RealmOptions, 'history'>) =>
  history.map(({ topic, match: matched = 'exact', limit = HISTORY_EVENTS }) => ({ topic, match: matched, limit }))

export const rolesOf = ({ roles }: Pick<RealmOptions, 'roles'>) =>
  Object.fromEntries(
    Object.entries(roles).map(([role, { permissions = [], authorizer, meta = false }]) => [
      role,
      {
        permissions: permissions.map(({ uri: said, match: matched = 'exact', allow, disclose = 'asked' }) => ({
          uri: said,
          match: matched,
          allow,
          disclose,
        })),
        authorizer,
        meta,
      },
    ]),
  )
