import type { Procedure } from '../../shared/contract/define.ts'
import { type Event as ContractEvent, topics } from '../../shared/contract/feed.ts'
import { type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { type Stream, streams } from '../../shared/contract/streams.ts'
import { CameraId } from '../../shared/model/camera.ts'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import { wampUri } from '../../shared/protocol/errors.ts'
import { isoTime, type Micros } from '../../shared/units/time.ts'
import { isDict } from '../../shared/wamp/decode.ts'
import type { Dict, Payload } from '../../shared/wamp/messages.ts'
import { PortholeError } from '../base/errors.ts'
import { type Avatar, type Caller, type Handlers, sessionFor } from '../base/handlers.ts'
import { type CameraOwners, checkCamera } from '../base/watchable.ts'
import type { EventLog, Told } from '../bus/log.ts'
import { Failure } from './router/failure.ts'
import type { LocalCall } from './router/local.ts'
import type { Member } from './router/member.ts'
import type { Realm } from './router/realm.ts'

export interface ContractOptions {
  readonly handlers: Handlers
  readonly sessionOf: (user: string) => Session | undefined
  readonly owners: CameraOwners
  readonly events: EventLog
  /** A camera's picture of now, a JPEG, and when it was taken. @throws PortholeError */
  readonly picture: (camera: string, signal: AbortSignal) => Promise<{ readonly jpeg: Uint8Array; readonly time: Micros }>
}

/** Errors of the one table, as callers of the contract see them. */
export function explainPortholeError(error: unknown): Failure | undefined {
  return error instanceof PortholeError ? new Failure(wampUri(error.code), error.message, { code: error.code }) : undefined
}

/** Has a realm answer every procedure of the contract, and tell every topic. @returns stops telling */
export function provideContract(realm: Realm, options: ContractOptions): () => void {
  for (const name of Object.keys(procedures) as ProcedureName[])
    realm.dealer.provide(name, (call) => answer(call, procedures[name], options.handlers[name] as never, options))
  realm.dealer.provide('porthole.camera.picture', (call) => picture(call, options))
  return options.events.onTold((told) => tell(realm, told))
}

/** The input is the one dictionary that the contract speaks of: ArgumentsKw, or else the first argument. */
function inputOf({ args, kwargs }: Pick<LocalCall, 'args' | 'kwargs'>, schema: Schema): Dict {
  const [first = {}, ...more] = args
  const input = Object.keys(kwargs).length > 0 ? kwargs : first
  if (!isDict(input) || more.length > 0 || (input === kwargs && args.length > 0))
    throw new PortholeError('request.invalid', 'say the input as keyword arguments, or as one dictionary')
  const found = fault(schema, input)
  if (found !== undefined) throw new PortholeError('request.invalid', found)
  return input
}

type Handle = (input: unknown, caller: Caller) => Promise<unknown>

async function answer(call: LocalCall, definition: Procedure, handle: Handle, options: ContractOptions): Promise<Payload | undefined> {
  const { role, camera: act, input: schema, progress: tells } = definition
  const input = inputOf(call, schema as Schema)
  const caller = callerOf(call.caller, options)
  checkRole(caller.avatar, role)
  if (act) await checkCamera(caller.avatar, act, input.id as string, options.owners)
  const progress = tells && call.progress && ((value: unknown) => call.progress?.({ args: [value] }))
  const output = await handle(input, { ...caller, ...(progress && { progress }) })
  return output === undefined || output === null ? undefined : { args: [output] }
}

/** What REST streams as an image is bytes here. */
async function picture(call: LocalCall, options: ContractOptions): Promise<Payload> {
  const { role, camera: act, gives }: Stream = streams['porthole.camera.picture']
  const { id } = inputOf(call, PICTURE_INPUT) as { id: string }
  const { avatar } = callerOf(call.caller, options)
  checkRole(avatar, role)
  if (act) await checkCamera(avatar, act, id, options.owners)
  const { jpeg, time } = await options.picture(id, call.signal)
  return { args: [jpeg], kwargs: { type: gives, time: isoTime(time) } }
}

const PICTURE_INPUT: Schema = { type: 'object', properties: { id: CameraId as Schema }, required: ['id'], additionalProperties: false }

/** As the contract's procedures know who asks, whatever the transport. @throws PortholeError auth.required */
function callerOf({ principal, peer }: Member, { sessionOf }: ContractOptions): Caller {
  const { identity, avatar } = principal.visitor ?? {}
  if (!avatar) throw new PortholeError('auth.required')
  return {
    avatar,
    session: sessionFor(avatar, sessionOf),
    via: identity?.via,
    address: peer.address,
    asked: peer.asked,
    // A WAMP session keeps none: who signed in so keeps the token nowhere.
    keepSession: () => {},
  }
}

/** @throws PortholeError auth.role */
function checkRole(avatar: Avatar, needed: Role): void {
  if (!allows(avatar.role, needed)) throw new PortholeError('auth.role')
}

/** An event goes to those who may watch its camera at that moment. Its id and time are details of this router's own. */
function tell(realm: Realm, { kind, camera, text, id }: Told): void {
  if (realm.members.size === 0) return
  const { topic, payload, at } = JSON.parse(text) as ContractEvent
  realm.publish({
    topic,
    args: [payload],
    details: { ...(id !== undefined && { _event_id: id }), _event_at: at },
    mayHear: ({ principal }) => {
      const avatar = principal.visitor?.avatar
      return avatar !== undefined && allows(avatar.role, topics[kind].role) && avatar.may('watch', camera)
    },
  })
}
