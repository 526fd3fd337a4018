import { AuditEntry } from '../model/audit.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

export const auditProcedures = {
  'porthole.audit.list': procedure({
    method: 'GET',
    path: '/audit',
    role: 'owner',
    summary: 'Sign-ins, refusals and changes, the newest first.',
    input: listInput({}),
    output: listOutput('entries', AuditEntry),
    status: 200,
    errors: [],
  }),
}
