import { ApiError } from '../../shared/client/call.ts'
import type { SettingsChange, SettingsOutcome } from '../../shared/model/settings.ts'
import { type FileFault, MAX_FILE_BYTES, type RestoreState } from './restore.ts'
import { wordsFor } from './texts.ts'

const MEGABYTE = 1024 * 1024

const left = (n: number) => `${n} ${n === 1 ? 'conflict, left as it is' : 'conflicts, left as they are'}`
const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

/** What owners read on the page of backups: loaded with it. */
export const backupTexts = {
  download: {
    title: 'Backup',
    text: 'One JSON file with users, cameras, who was given them, and webhooks. There is no secret in it: no passwords, keys, links or what signs webhooks; nor pictures, the configuration file or the activity.',
    action: 'Download settings',
    busy: 'Preparing…',
    done: 'Settings downloaded',
  },
  restore: {
    title: 'Restore',
    text: 'A file of this server or another one. You see first what it would change; nothing is ever deleted.',
    file: 'File with settings',
    looking: 'Looking at what would change…',
    again: 'Meanwhile something changed here: look at the changes once more.',
    same: 'Everything in this file is so already.',
    apply: 'Apply',
    look: 'Look again',
    applying: (done: number, total: number) => `${done} of ${total} changes`,
    progress: 'Changes made',
    unchanged: (n: number) => `${count(n, 'entry is', 'entries are')} so already.`,
    more: (n: number) => `and ${n} more`,
    failed: (why: string) => `not done: ${why}`,
  },
  planned: {
    create: (n: number) => `${n} to be made`,
    update: (n: number) => `${n} to be changed`,
    conflict: left,
    failed: () => '',
  },
  applied: {
    create: (n: number) => `${n} made`,
    update: (n: number) => `${n} changed`,
    conflict: left,
    failed: (n: number) => `${n} not done`,
  },
  summary: {
    planned: (n: number) => (n === 0 ? 'Nothing of it can be done here.' : `${count(n, 'change', 'changes')} would be made.`),
    applied: (n: number, failed: number) =>
      failed === 0
        ? `Done: ${count(n, 'change was', 'changes were')} made.`
        : `${n} of ${count(n + failed, 'change was', 'changes were')} made.`,
  },
  kinds: { user: 'User', camera: 'Camera', grant: 'Access to', webhook: 'Webhook' } satisfies Record<SettingsChange['kind'], string>,
  faults: {
    'too-large': `This file is larger than ${MAX_FILE_BYTES / MEGABYTE} MB: it is none of settings.`,
    'no-json': 'This file is no JSON. Choose one that was downloaded here or on another server.',
  } satisfies Record<FileFault, string>,
  refused: (why: string) => `This is no file of settings, or one of a later version: ${why}`,
  begun: 'The connection was lost while changes were made, and some may be. Look again at what is left.',
} as const

export type ChangeGroup = keyof typeof backupTexts.planned

/** Changes by what becomes of them, in the order in which they are read: what failed comes first. */
export function groupsOf({ changes }: Pick<SettingsOutcome, 'changes'>): [ChangeGroup, SettingsChange[]][] {
  const of = (group: ChangeGroup) => changes.filter((change) => groupOf(change) === group)
  return (['failed', 'create', 'update', 'conflict'] as const)
    .map((group): [ChangeGroup, SettingsChange[]] => [group, of(group)])
    .filter(([, found]) => found.length > 0)
}

const groupOf = ({ action, failed }: SettingsChange): ChangeGroup => (failed === undefined ? action : 'failed')

/** What a change is about: `Camera door`, `Access to door`. */
export const changeTitle = ({ kind, id }: SettingsChange): string =>
  `${backupTexts.kinds[kind]} ${kind === 'grant' ? id.split(' ')[0] : id}`

/** How far a restore is, in one or two sentences. */
export function statusWords(state: RestoreState): string {
  const { restore } = backupTexts
  if (state.phase === 'looking') return restore.looking
  if (state.phase === 'applying') return restore.applying(state.progress.done, state.progress.total)
  if (state.phase !== 'planned' && state.phase !== 'applied') return ''
  const { unchanged } = state.outcome
  const again = state.phase === 'planned' && state.again && restore.again
  return [again, summaryOf(state.outcome), unchanged > 0 && restore.unchanged(unchanged)].filter(Boolean).join(' ')
}

function summaryOf({ applied, changes }: SettingsOutcome): string {
  if (changes.length === 0) return backupTexts.restore.same
  const failed = changes.filter((change) => groupOf(change) === 'failed').length
  const done = changes.filter(({ action }) => action !== 'conflict').length - failed
  return applied ? backupTexts.summary.applied(done, failed) : backupTexts.summary.planned(done)
}

/** Why a file was not restored. */
export function restoreWordsFor(error: FileFault | Error, begun: boolean): string {
  if (typeof error === 'string') return backupTexts.faults[error]
  if (begun && !(error instanceof ApiError)) return backupTexts.begun
  if (error instanceof ApiError && error.code === 'request.invalid') return backupTexts.refused(error.message)
  if (error instanceof ApiError && error.code === 'request.too-large') return backupTexts.faults['too-large']
  return wordsFor(error)
}

/** `porthole 2025-06-01.json`. */
export function backupName(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `porthole ${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}.json`
}
