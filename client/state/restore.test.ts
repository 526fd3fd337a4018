import { describe, expect, it, vi } from 'vitest'
import { ApiError, type Call, NetworkError } from '../../shared/client/call.ts'
import type { CallWithProgress } from '../../shared/client/progress.ts'
import type { SettingsChange, SettingsOutcome } from '../../shared/model/settings.ts'
import { backupName, changeTitle, groupsOf, restoreWordsFor, statusWords } from './backup-texts.ts'
import { createRestore, MAX_FILE_BYTES, type RestoreState } from './restore.ts'

const change = (action: SettingsChange['action'], more: Partial<SettingsChange> = {}): SettingsChange => ({
  kind: 'camera',
  id: 'door',
  action,
  detail: 'x',
  ...more,
})
const outcome = (plan: string, changes: SettingsChange[] = [change('create')]): SettingsOutcome => ({
  plan,
  applied: false,
  changes,
  unchanged: 1,
})
const file = (text = '{"porthole":1}') => new Blob([text])

/** A restore whose server answers so; `onState` is told every state. */
function restoring(look: () => Promise<unknown>, apply: (tell: (done: number) => void) => Promise<unknown> = async () => ({})) {
  const asked: unknown[] = []
  const call: Call = async (_name, input) => {
    asked.push(input)
    return (await look()) as never
  }
  const callWithProgress: CallWithProgress = async (_name, input, onProgress) => {
    asked.push(input)
    return (await apply((done) => onProgress({ done, total: 2 }))) as never
  }
  const onApplied = vi.fn()
  const restore = createRestore({ call, callWithProgress, onApplied })
  const phases: string[] = []
  restore.store.subscribe(({ phase }) => phases.push(phase))
  return { restore, asked, phases, onApplied, state: () => restore.store.getState() as RestoreState & Record<string, unknown> }
}

describe('settings are restored', () => {
  it('when their changes were seen', async () => {
    const applied = { ...outcome('p'), applied: true }
    const { restore, asked, phases, state, onApplied } = restoring(
      async () => outcome('p'),
      async (tell) => {
        tell(1)
        return applied
      },
    )
    await restore.apply()
    expect(asked).toEqual([])
    await restore.choose(file('\uFEFF{"porthole":1}'))
    expect(state()).toMatchObject({ phase: 'planned', again: false })
    await restore.apply()
    expect(state()).toEqual({ phase: 'applied', outcome: applied })
    expect(asked).toEqual([{ document: { porthole: 1 } }, { document: { porthole: 1 }, plan: 'p' }])
    expect(phases).toEqual(['looking', 'looking', 'planned', 'applying', 'applying', 'applied'])
    expect(onApplied).toHaveBeenCalledOnce()
  })

  it('not when they would be others by now: those are shown', async () => {
    const plans = ['old', 'new']
    const { restore, state } = restoring(
      async () => outcome(plans.shift() ?? ''),
      async () => Promise.reject(new ApiError('settings.plan')),
    )
    await restore.choose(file())
    await restore.apply()
    expect(state()).toMatchObject({ phase: 'planned', again: true, outcome: { plan: 'new' } })
    expect(statusWords(state())).toContain('something changed here')
  })

  it('and when the connection is lost meanwhile, it can be seen what is left', async () => {
    const { restore, state } = restoring(
      async () => outcome('p'),
      async () => Promise.reject(new NetworkError('cut off')),
    )
    await restore.choose(file())
    await restore.apply()
    expect(state()).toMatchObject({ phase: 'failed', begun: true })
    await restore.look()
    expect(state()).toMatchObject({ phase: 'planned', again: false })
  })

  it('not from what is none', async () => {
    const { restore, asked, state } = restoring(async () => Promise.reject(new ApiError('request.invalid', 'document must be an object')))
    await restore.choose(file('<html>'))
    expect(state()).toMatchObject({ phase: 'failed', error: 'no-json' })
    await restore.choose(new Blob([new Uint8Array(MAX_FILE_BYTES + 1)]))
    expect(state()).toMatchObject({ phase: 'failed', error: 'too-large' })
    expect(asked).toEqual([])
    await restore.choose(file('[]'))
    expect(state()).toMatchObject({ phase: 'failed', error: { code: 'request.invalid' } })
  })

  it('not from a file that was put aside', async () => {
    let answer = (_: unknown) => {}
    const { restore, state } = restoring(() => new Promise((resolve) => (answer = resolve)))
    const chosen = restore.choose(file())
    await vi.waitFor(() => expect(state().phase).toBe('looking'))
    restore.cancel()
    answer(outcome('p'))
    await chosen
    expect(state()).toEqual({ phase: 'idle' })
  })
})

describe('words', () => {
  const many = [change('conflict'), change('update'), change('create', { failed: 'no room' }), change('create')]

  it('group changes by what becomes of them', () => {
    expect(groupsOf({ changes: many }).map(([group, changes]) => [group, changes.length])).toEqual([
      ['failed', 1],
      ['create', 1],
      ['update', 1],
      ['conflict', 1],
    ])
    expect([change('create'), change('create', { kind: 'grant', id: 'door ada' })].map(changeTitle)).toEqual([
      'Camera door',
      'Access to door',
    ])
  })

  it.each([
    [{ phase: 'idle' }, ''],
    [{ phase: 'applying', progress: { done: 1, total: 4 } }, '1 of 4 changes'],
    [{ phase: 'planned', again: false, outcome: { ...outcome('p', []), unchanged: 0 } }, 'Everything in this file is so already.'],
    [{ phase: 'planned', again: false, outcome: outcome('p') }, '1 change would be made. 1 entry is so already.'],
    [
      { phase: 'planned', again: false, outcome: outcome('p', [change('conflict')]) },
      'Nothing of it can be done here. 1 entry is so already.',
    ],
    [{ phase: 'applied', outcome: { ...outcome('p', many), applied: true, unchanged: 0 } }, '2 of 3 changes were made.'],
    [{ phase: 'applied', outcome: { ...outcome('p'), applied: true, unchanged: 2 } }, 'Done: 1 change was made. 2 entries are so already.'],
  ] as [RestoreState, string][])('%j', (state, words) => expect(statusWords(state)).toBe(words))

  it.each([
    ['no-json', false, 'no JSON'],
    ['too-large', false, 'larger than 8 MB'],
    [new ApiError('request.too-large'), false, 'larger than 8 MB'],
    [new ApiError('request.invalid', 'document.porthole must be 1'), false, 'document.porthole must be 1'],
    [new NetworkError('x'), false, 'cannot be reached'],
    [new NetworkError('x'), true, 'some may be'],
    [new ApiError('auth.role'), true, 'You may not do this'],
  ] as const)('%s (%s)', (error, begun, words) => expect(restoreWordsFor(error, begun)).toContain(words))

  it('name the file by its day', () => expect(backupName(new Date(2025, 5, 1))).toBe('porthole 2025-06-01.json'))
})
