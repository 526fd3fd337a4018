import type { Args, Dict } from '../../../shared/wamp/messages.ts'

/** Why a router did not let a session in: the URI of its ABORT, or of ours. */
export class JoinError extends Error {
  readonly uri: string
  readonly args: Args
  readonly kwargs: Dict

  constructor(uri: string, text: string, { args = [], kwargs = {}, cause }: { args?: Args; kwargs?: Dict; cause?: unknown } = {}) {
    super(text === '' ? uri : `${uri}: ${text}`, { cause })
    this.name = 'JoinError'
    this.uri = uri
    this.args = args
    this.kwargs = kwargs
  }
}

/** How a session ended. */
export interface Leaving {
  /** Of GOODBYE or ABORT; `wamp.error.network_failure` when the connection was lost. */
  readonly reason: string
  /** For people, if one was said. */
  readonly message: string | undefined
  /** `violation`: the router said what no router may, and this side ended it. */
  readonly by: 'client' | 'router' | 'connection' | 'violation'
  /** Whether both sides said GOODBYE ("Session Closing"). */
  readonly wasClean: boolean
}

/** What was asked of a session that has ended, or ended before the answer came: whether it was done is not known then. */
export class SessionEndedError extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(`the session has ended: ${reason}`)
    this.name = 'SessionEndedError'
    this.reason = reason
  }
}

/** `message` of a message's details, where routers say why. */
export const textOf = ({ message }: Dict): string | undefined => (typeof message === 'string' ? message : undefined)
