import { Array, Integer, Object, Optional } from 'typebox'
import { AuditEntry } from '../model/audit.ts'
import { procedure } from './define.ts'

/** Entries of one answer. */
export const MAX_AUDIT_ENTRIES = 200

export const auditProcedures = {
  'porthole.audit.list': procedure({
    method: 'GET',
    path: '/audit',
    role: 'owner',
    summary: 'Sign-ins, refusals and changes, the newest first; further ones before the id of the last.',
    input: Object(
      { before: Optional(Integer({ minimum: 1 })), limit: Optional(Integer({ minimum: 1, maximum: MAX_AUDIT_ENTRIES })) },
      { additionalProperties: false },
    ),
    output: Object({ entries: Array(AuditEntry) }),
    status: 200,
    errors: [],
  }),
}
