import { describe, expect, test } from 'vitest'
import { procedures } from '../../shared/contract/index.ts'
import { browserOf, deedOf } from './settings-texts.ts'

const entry = { id: 1, at: '2026-01-01T00:00:00.000Z', by: 'ada', count: 1 }

describe('the audit log', () => {
  test('has words for everything that changes something', () => {
    for (const [what, { method }] of Object.entries(procedures))
      if (method !== 'GET') expect(deedOf({ ...entry, what, subject: 'garden Garden' }), what).not.toContain('porthole.')
  })

  test.each([
    [{ what: 'porthole.grant.create', subject: 'garden ada' }, 'gave ada access to garden'],
    [{ what: 'porthole.camera.create', subject: 'garden Garden of ours' }, 'made camera Garden of ours'],
    [{ what: 'porthole.camera.delete', subject: 'garden' }, 'deleted camera garden'],
    [{ what: 'porthole.user.update', subject: 'ada operator' }, 'made ada an operator'],
    [{ what: 'porthole.user.update', subject: 'ada viewer password' }, 'made ada a viewer and gave ada a new password'],
    [{ what: 'porthole.user.create', subject: 'ada viewer password' }, 'added user ada, viewer'],
    [{ what: 'refused', code: 'auth.wrong' }, 'was refused: wrong user, password or key'],
    [{ what: 'refused', code: 'auth.revoked' }, 'was refused (auth.revoked)'],
    [{ what: 'porthole.new', subject: 'x' }, 'porthole.new x'],
  ])('%j', (what, words) => {
    expect(deedOf({ ...entry, ...what })).toBe(words)
  })
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', 'Chrome on Linux'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/156.0', 'Edge on Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/19 Mobile Safari/604',
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0; rv:153.0) Gecko/20100101 Firefox/153.0', 'Firefox on Mac'],
  ['curl/8.9.1', 'curl'],
  ['my-program', 'my-program'],
  ['', 'Unknown browser'],
  [undefined, 'Unknown browser'],
])('%s is told as a person would', (agent, words) => {
  expect(browserOf(agent)).toBe(words)
})
