import { MAX_CLOSE_REASON_BYTES } from '../../../shared/protocol/limits.ts'

/** What a connection of the client's side is closed with by itself. */
export interface ClientCloseCodes {
  /** A frame is over `maxFrameBytes`. (A message over `maxMessageBytes` is always answered 1009.) */
  readonly tooLong?: number
  /** More than `maxBacklogBytes` wait for a peer that does not read. */
  readonly tooSlow?: number
  /** A method of the class threw, or its promise was rejected. */
  readonly failure?: number
}

/** And of the server's. */
export interface CloseCodes extends ClientCloseCodes {
  /** The server ends. */
  readonly shutdown?: number
}

export const CLIENT_CLOSE_CODES: Required<ClientCloseCodes> = { tooLong: 1009, tooSlow: 1008, failure: 1011 }
export const CLOSE_CODES: Required<CloseCodes> = { ...CLIENT_CLOSE_CODES, shutdown: 1001 }

/** Of a connection that ended without a close frame; never sent (RFC 6455 §7.4.1). */
export const ABNORMAL = 1006

/**
 * Whether a close frame may carry it: not 1004, 1005, 1006 and 1015, which stand for what no frame says, nor what nobody registered.
 * Source: RFC 6455 §7.4, and the IANA registry (1012 to 1014).
 */
export const isSendable = (code: number): boolean =>
  Number.isInteger(code) && ((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999))

/** @throws RangeError that names it */
export function checkCloseCode(code: number, name: string): number {
  if (!isSendable(code))
    throw new RangeError(`${name} is ${code}, which no close frame may carry (RFC 6455 §7.4); say 1000, or 3000 to 4999`)
  return code
}

/** A close reason, cut at a character's end to what a close frame holds. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.byteLength <= MAX_CLOSE_REASON_BYTES) return text
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, MAX_CLOSE_REASON_BYTES), { stream: true })
}
