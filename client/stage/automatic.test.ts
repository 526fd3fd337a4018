import { expect, test } from 'vitest'
import { type Automatic, followMotion, NOBODY } from './automatic.ts'

const STEP_MS = 500

/** Looks twice a second for a while. @returns who had the spotlight at each look */
function run(from: Automatic, seconds: number, motionsAt: (ms: number) => Record<string, number | null>, start = 0) {
  let state = from
  const shown: (string | null)[] = []
  for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) {
    state = followMotion(state, motionsAt(ms), start + ms)
    shown.push(state.spotlight)
  }
  return { state, shown, changes: shown.filter((who, i) => i > 0 && who !== shown[i - 1]).length }
}

test('nobody gets it while nobody moves', () => {
  expect(run(NOBODY, 20, () => ({ a: 0.01, b: 0, c: null })).state.spotlight).toBeNull()
})

test('who moves gets it, and keeps it when they stop, until another moves for a while', () => {
  const first = run(NOBODY, 10, () => ({ a: 0.3, b: 0.02 }))
  expect(first.state.spotlight).toBe('a')
  const still = run(first.state, 10, () => ({ a: 0, b: 0.01 }), 10_000)
  expect(still.state.spotlight).toBe('a')
  expect(run(still.state, 5, () => ({ a: 0, b: 0.3 }), 20_000).state.spotlight).toBe('b')
})

test('a moment takes it from nobody', () => {
  const first = run(NOBODY, 10, () => ({ a: 0.2, b: 0 }))
  expect(run(first.state, 10, (ms) => ({ a: 0.2, b: ms === 2000 ? 1 : 0 }), 10_000).changes).toBe(0)
})

test('two who move alike do not take it from each other', () => {
  const wobble = (ms: number) => ({ a: 0.3 + 0.08 * Math.sin(ms / 700), b: 0.3 + 0.08 * Math.cos(ms / 900) })
  expect(run(NOBODY, 120, wobble).changes).toBe(0)
})

test('whoever takes turns, it stays with each of them for some seconds', () => {
  const turns = (ms: number) => (Math.floor(ms / 2000) % 2 ? { a: 0.5, b: 0 } : { a: 0, b: 0.5 })
  const { changes } = run(NOBODY, 60, turns)
  expect(changes).toBeLessThanOrEqual(10)
})

test('a camera that is gone has it no more', () => {
  const first = run(NOBODY, 10, () => ({ a: 0.3, b: 0 }))
  expect(followMotion(first.state, { b: 0 }, 11_000).spotlight).toBeNull()
  expect(run(first.state, 3, () => ({ b: 0.3 }), 11_000).state.spotlight).toBe('b')
  expect(followMotion(first.state, {}, 11_000)).toMatchObject({ spotlight: null, means: {} })
})
