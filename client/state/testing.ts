import type { Call } from '../../shared/client/call.ts'
import type { Camera, CameraStatus } from '../../shared/model/camera.ts'

/** Makers and fakes that the tests of the stores share. */

export const camera = (id: string, change: Partial<Camera> = {}): Camera => ({
  id,
  name: `Camera ${id}`,
  owner: 'owner',
  source: { kind: 'browser' },
  createdAt: '2025-06-01T10:00:00.000Z',
  expiresAt: null,
  ...change,
})

export const statusOf = (id: string, change: Partial<CameraStatus> = {}): CameraStatus => ({
  id,
  state: 'live',
  since: '2025-06-01T10:00:00.000Z',
  publishing: true,
  viewers: 0,
  ...change,
})

type Answers = Partial<Record<string, (input: never) => unknown>>

/** A server of functions by procedure name: what one returns is the answer, what it throws the refusal. */
export function fakeCall(answers: Answers): { call: Call; asked: [name: string, input: unknown][] } {
  const asked: [string, unknown][] = []
  const call = async (name: string, input: unknown) => {
    asked.push([name, input])
    const answer = answers[name]
    if (!answer) throw new Error(`${name} was not expected`)
    return answer(input as never)
  }
  return { call: call as Call, asked }
}

export function fakeStorage(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries))
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  }
}
