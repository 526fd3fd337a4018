import { expect, test } from 'vitest'
import { ApiError } from '../../shared/client/call.ts'
import type { Stage } from '../../shared/model/stage.ts'
import { fakeCall } from '../state/testing.ts'
import type { SocketOptions } from '../transport/socket.ts'
import { createProjector } from './projector-store.ts'

const stage: Stage = {
  id: '5c1d0e9f2a7b',
  host: 'ada',
  code: '7KQ2MX',
  codeExpiresAt: '2026-01-01T10:10:00.000Z',
  joinUrl: 'http://192.168.1.5:8080/join/7KQ2MX',
  reach: 'network',
  locked: false,
  lobby: false,
  spotlight: null,
  createdAt: '2026-01-01T10:00:00.000Z',
  participants: [],
}

function setUp(answers: Parameters<typeof fakeCall>[0] = {}) {
  const { call, asked } = fakeCall({ 'porthole.stage.open': () => stage, ...answers })
  const sockets: SocketOptions[] = []
  const notices: unknown[] = []
  const projector = createProjector({
    call,
    connect: (options) => {
      sockets.push(options)
      return { send: () => {}, buffered: 0, reconnect: () => {}, close: () => {} }
    },
    url: (path) => `wss://here${path}`,
    notices: { add: (notice) => notices.push(notice) },
  })
  const hear = (message: object) => sockets.at(-1)?.onText?.(JSON.stringify(message))
  return { projector, asked, sockets, notices, hear, state: () => projector.store.getState() }
}

test('opens the stage, follows it, and says when the connection is lost', async () => {
  const { projector, sockets, hear, state } = setUp()
  await projector.open()
  expect(state()).toMatchObject({ phase: 'open', stage })
  expect(sockets[0]?.url).toBe('wss://here/ws/stage/5c1d0e9f2a7b')
  sockets[0]?.onDown?.({ code: undefined, retry: true })
  expect(state()).toMatchObject({ phase: 'open', lost: true })
  hear({ type: 'stage', stage: { ...stage, locked: true } })
  expect(state()).toMatchObject({ lost: false, stage: { locked: true } })
  sockets[0]?.onDown?.({ code: 'stage.ended', retry: false })
  expect(state()).toMatchObject({ phase: 'ended', stage: null })
})

test('says why it could not be opened', async () => {
  const { projector, state } = setUp({
    'porthole.stage.open': () => {
      throw new ApiError('auth.role')
    },
  })
  await projector.open()
  expect(state()).toMatchObject({ phase: 'failed', error: { code: 'auth.role' } })
})

test('shows what was pressed at once, and takes it back when the server says no', async () => {
  const { projector, notices, state } = setUp({
    'porthole.stage.update': (change: object) => {
      if ('spotlight' in change) throw new ApiError('participant.unknown')
      return { ...stage, ...change }
    },
  })
  await projector.open()
  const locking = projector.update({ locked: true })
  expect(state().stage?.locked).toBe(true)
  await locking
  await projector.update({ spotlight: 'phone-1' })
  expect([state().stage?.spotlight, notices.length]).toEqual([null, 1])
})

test('keeps reactions until they have flown, and no more than can be seen', async () => {
  const { projector, hear, state } = setUp()
  await projector.open()
  for (let i = 0; i < 50; i++) hear({ type: 'reaction', participant: '0a', name: 'Bo', reaction: '🎉' })
  expect(state().reactions).toHaveLength(40)
  projector.landed(state().reactions[0]?.n ?? -1)
  expect(state().reactions).toHaveLength(39)
  hear({ type: 'reaction', participant: '0a', name: 'Bo', reaction: '💣' })
  expect(state().reactions).toHaveLength(39)
})
