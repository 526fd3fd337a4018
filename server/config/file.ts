import { readFileSync } from 'node:fs'
import Type, { type Static, type TSchema } from 'typebox'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import { type AuthOptions, AuthSchema } from '../auth/options.ts'
import { createLog } from '../base/log.ts'
import { networkList } from '../base/networks.ts'
import { buildServices, type ServiceOptions, ServiceSchema } from '../door/services.ts'
import { buildMounts, type MountOptions, MountSchema } from '../http/mounts.ts'
import { type WebhookOptions, WebhookSchema } from '../notify/options.ts'
import { type WampOptions, wampOptions } from '../wamp/options.ts'
import { type AcmeOptions, AcmeSchema } from './acme.ts'

/** Bytes of a configuration file. */
const MAX_FILE_BYTES = 1024 * 1024

/** What the door is told beside its services. */
const DoorSchema = Type.Object(
  {
    /** Networks whose connections begin with a PROXY header. */
    proxyProtocolFrom: Type.Optional(Type.Array(Type.String())),
    deadlineMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
    maxConnections: Type.Optional(Type.Integer({ minimum: 1 })),
    maxPerAddress: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
)

/** Milliseconds for a request's headers, and for all of it. */
const HttpSchema = Type.Object(
  {
    headersTimeoutMs: Type.Optional(Type.Integer({ minimum: 100 })),
    requestTimeoutMs: Type.Optional(Type.Integer({ minimum: 100 })),
  },
  { additionalProperties: false },
)

/** The configuration file: what does not fit into an option. */
export interface FileConfig {
  readonly services: Readonly<Record<string, ServiceOptions>>
  readonly door: Static<typeof DoorSchema>
  readonly http: Static<typeof HttpSchema>
  readonly mounts: readonly MountOptions[]
  readonly acme?: AcmeOptions
  readonly auth: AuthOptions
  readonly webhooks: WebhookOptions
  readonly wamp: WampOptions
}

export const EMPTY_FILE: FileConfig = { services: {}, door: {}, http: {}, mounts: [], auth: {}, webhooks: {}, wamp: { realms: {} } }
const KEYS = ['services', 'mounts', 'door', 'http', 'acme', 'auth', 'webhooks', 'wamp']
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/

/** @throws Error that names the file, the key and the mend */
export function readFileConfig(path: string): FileConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`cannot be read: ${(error as Error).message}`)
  }
  if (text.length > MAX_FILE_BYTES) throw new Error(`is larger than ${MAX_FILE_BYTES} bytes`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`is no JSON: ${(error as Error).message}`)
  }
  return checkFileConfig(value)
}

/** @throws Error that names the key and the mend */
export function checkFileConfig(value: unknown): FileConfig {
  const root = record(value, 'the configuration')
  for (const key of Object.keys(root)) if (!KEYS.includes(key)) throw new Error(`${key} is not known; say one of ${KEYS.join(', ')}`)
  const services: Record<string, ServiceOptions> = {}
  for (const [name, service] of Object.entries(record(root.services ?? {}, 'services'))) {
    if (!NAME.test(name)) throw new Error(`services.${name} is no name; say lower-case letters, digits and dashes, at most 40`)
    services[name] = check<ServiceOptions>(ServiceSchema, service, `services.${name}`)
  }
  const door = check<FileConfig['door']>(DoorSchema, root.door ?? {}, 'door')
  const http = check<FileConfig['http']>(HttpSchema, root.http ?? {}, 'http')
  const mounts = check<MountOptions[]>(Type.Array(MountSchema), root.mounts ?? [], 'mounts')
  const acme = root.acme === undefined ? undefined : check<AcmeOptions>(AcmeSchema, root.acme, 'acme')
  const auth = check<AuthOptions>(AuthSchema, root.auth ?? {}, 'auth')
  const webhooks = check<WebhookOptions>(WebhookSchema, root.webhooks ?? {}, 'webhooks')
  const wamp = wampOptions(root.wamp ?? {})
  // What a schema cannot say is asked of who will use it, before anything starts.
  buildServices(services, createLog({ level: 'silent' }))
  buildMounts(mounts)
  try {
    networkList(door.proxyProtocolFrom ?? [])
  } catch (error) {
    throw new Error(`door.proxyProtocolFrom: ${(error as Error).message}`)
  }
  try {
    networkList(webhooks.allow ?? [])
  } catch (error) {
    throw new Error(`webhooks.allow: ${(error as Error).message}`)
  }
  return { services, door, http, mounts, auth, webhooks, wamp, ...(acme && { acme }) }
}

function record(value: unknown, key: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${key} must be an object`)
  return value as Record<string, unknown>
}

function check<T>(schema: TSchema, value: unknown, key: string): T {
  const found = fault(schema as Schema, value, key)
  if (found) throw new Error(found)
  return value as T
}
