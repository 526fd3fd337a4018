import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MAX_ECHO_BYTES } from '../../shared/protocol/limits.ts'
import { MAX_URI_CHARS } from '../../shared/wamp/uris.ts'
import { MAX_DEPTH, MAX_ITEMS } from '../../shared/wamp/values.ts'
import { checkFileConfig } from '../config/file.ts'
import { CALL_TIMEOUT_MS } from './options.ts'
import { MAX_AUDIENCE_ITEMS } from './router/audience.ts'
import { MAX_SUBSCRIPTIONS } from './router/broker.ts'
import { MAX_REGISTRATIONS } from './router/callees.ts'
import { MAX_CALLS } from './router/dealer.ts'
import { HISTORY_EVENTS, MAX_HISTORY_BYTES, MAX_HISTORY_EVENTS } from './router/history.ts'
import { MAX_KEPT_EVENT_BYTES, MAX_RETAINED_BYTES, MAX_RETAINED_TOPICS } from './router/kept-events.ts'
import { MAX_AT_ONCE } from './router/local-turns.ts'
import { MAX_BACKLOG_BYTES, MAX_EVENT_BACKLOG_BYTES } from './router/member.ts'
import { MAX_COMPONENTS, MAX_LENGTHS, MAX_SHAPES } from './router/pattern-index.ts'
import { JOIN_MS, MAX_HELLO_BYTES } from './router/session.ts'
import { MAX_TESTAMENT_BYTES, MAX_TESTAMENTS } from './router/testaments.ts'
import { LEAST_MESSAGE_BYTES, MAX_MESSAGE_BYTES } from './transport/accept.ts'

const text = readFileSync(new URL('../../docs/wamp.md', import.meta.url), 'utf8')
const n = (value: number) => value.toLocaleString('en-US')

test('docs/wamp.md has the caps of the code', () => {
  expect(MAX_ECHO_BYTES).toBe(MAX_MESSAGE_BYTES)
  expect(MAX_REGISTRATIONS).toBe(MAX_SUBSCRIPTIONS)
  const rows = [
    ['a message; before WELCOME', `${n(MAX_MESSAGE_BYTES)} bytes; ${n(MAX_HELLO_BYTES)} bytes`],
    ['values in a message', n(MAX_ITEMS)],
    ['nesting of a message', `${MAX_DEPTH} levels`],
    ['a URI', `${n(MAX_URI_CHARS)} characters`],
    ['from the connection to WELCOME', `${JOIN_MS / 1000} s`],
    ['subscriptions, and registrations, of a session', `${n(MAX_SUBSCRIPTIONS)} each`],
    ['calls of a session at once, and invocations of a callee at once', `${n(MAX_CALLS)} each`],
    ['backlog of a session before it loses events', `${n(MAX_EVENT_BACKLOG_BYTES)} bytes`],
    ['backlog of a session before it is ended', `${n(MAX_BACKLOG_BYTES)} bytes`],
    ['procedures of the router that one session calls at once; more wait', `${MAX_AT_ONCE}`],
    [
      'components of a wildcard; kinds of wildcards of as many components, and lengths of prefixes, in a realm',
      `${MAX_COMPONENTS}; ${MAX_SHAPES}, ${MAX_LENGTHS}`,
    ],
    ['testaments of a session, in each scope; their bytes', `${MAX_TESTAMENTS}; ${n(MAX_TESTAMENT_BYTES)} bytes`],
    ['retained topics of a realm; their bytes', `${n(MAX_RETAINED_TOPICS)}; ${n(MAX_RETAINED_BYTES)} bytes`],
    ["events of a history; bytes of a realm's histories", `${n(MAX_HISTORY_EVENTS)}; ${n(MAX_HISTORY_BYTES)} bytes`],
    ['an event that is kept', `${n(MAX_KEPT_EVENT_BYTES)} bytes`],
    ["a RawSocket client's own bound for messages, at the least", `${n(LEAST_MESSAGE_BYTES)} bytes`],
    ['sessions, or names, in `exclude`, `eligible` and the like', n(MAX_AUDIENCE_ITEMS)],
  ]
  const table = (text.split('## Bounds')[1] as string).split('\n').filter((line) => /^\| (?!cap|---)/.test(line))
  expect(table).toEqual(rows.map(([what, value]) => `| ${what} | ${value} |`))
  expect(text).toContain(`\`limit\` (${HISTORY_EVENTS}) of each`)
  expect(text).toContain(`; ${CALL_TIMEOUT_MS}, 0 for ever`)
})

test('the configuration in docs/wamp.md is taken as it stands', () => {
  const example = /^```json\n([\s\S]*?)^```/m.exec(text)?.[1] as string
  const { realms } = checkFileConfig(JSON.parse(example)).wamp
  expect(Object.keys(realms)).toEqual(['com.example.factory'])
})
