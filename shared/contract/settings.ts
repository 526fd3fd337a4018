import { Object, Optional, String } from 'typebox'
import { SettingsDocument, SettingsOutcome, SettingsProgress } from '../model/settings.ts'
import { procedure } from './define.ts'

const strict = { additionalProperties: false } as const

export const settingsProcedures = {
  'porthole.settings.export': procedure({
    method: 'GET',
    path: '/settings',
    role: 'owner',
    summary: 'All that is configured, as one document without secrets.',
    input: Object({}, strict),
    output: SettingsDocument,
    volatile: ['exportedAt'],
    status: 200,
    errors: [],
  }),
  'porthole.settings.import': procedure({
    method: 'POST',
    path: '/settings/import',
    role: 'owner',
    notByKey: true,
    summary: 'What a document would change; with the `plan` of that answer, the changes are made. Nothing is deleted.',
    input: Object({ document: SettingsDocument, plan: Optional(String({ maxLength: 64 })) }, strict),
    output: SettingsOutcome,
    progress: SettingsProgress,
    maxBodyBytes: 8 * 1024 * 1024,
    passing: ['document'],
    status: 200,
    errors: ['settings.plan', 'request.too-large'],
  }),
}
