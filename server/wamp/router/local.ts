import type { Args, Dict, Payload } from '../../../shared/wamp/messages.ts'
import type { Member } from './member.ts'

/** A call that the router itself answers. */
export interface LocalCall {
  readonly caller: Member
  readonly procedure: string
  readonly args: Args
  readonly kwargs: Dict
  /** Aborted when the call is canceled, takes too long, or its caller leaves. */
  readonly signal: AbortSignal
  /** Tells how it goes on; undefined when the caller does not want to hear. */
  readonly progress?: (payload: Payload) => void
}

/** @throws Failure what the caller is told */
export type LocalProcedure = (call: LocalCall) => Payload | undefined | Promise<Payload | undefined>
