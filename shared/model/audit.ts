import { Integer, Null, Object, Optional, type Static, String, Union } from 'typebox'
import { IsoTime } from './camera.ts'

/** Who did what, and who was refused. */
export const AuditEntry = Object({
  id: Integer({ minimum: 1 }),
  /** Of several, the last one. */
  at: IsoTime,
  /** Name of a procedure of the contract; `refused`. */
  what: String(),
  /** The user, or what they said they are; null for strangers. */
  by: Union([String(), Null()]),
  /** A camera, a user, a key. */
  subject: Optional(String()),
  /** Code of the error, when refused. */
  code: Optional(String()),
  address: Optional(String()),
  /** How often within a minute. */
  count: Integer({ minimum: 1 }),
})
export type AuditEntry = Static<typeof AuditEntry>
