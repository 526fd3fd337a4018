import { wampUri } from '../../../shared/protocol/errors.ts'
import type { Args, Dict } from '../../../shared/wamp/messages.ts'

/** Why a request is answered with ERROR. */
export class Failure extends Error {
  readonly uri: string
  readonly args: Args | undefined
  readonly kwargs: Dict | undefined

  constructor(uri: string, message?: string, kwargs?: Dict) {
    super(message ?? uri)
    this.name = 'Failure'
    this.uri = uri
    this.args = message === undefined ? undefined : [message]
    this.kwargs = kwargs
  }
}

/** @param message which cap it is */
export const overLimit = (message: string): Failure => new Failure(wampUri('server.limit'), message)
