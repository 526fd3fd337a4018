import { expect, it } from 'vitest'
import type { PlayerStatus } from '../player/types.ts'
import { createPlayers } from './players.ts'

const status = (state: PlayerStatus['state'], age: number | null) => ({ state, age }) as PlayerStatus

it('keeps the newest status, and of the ages one in half a second, with gaps where no picture came', () => {
  let time = 0
  const players = createPlayers(() => time)
  const view = () => players.store.getState().k
  players.update('k', status('live', 10))
  time = 300
  players.update('k', status('live', 20))
  expect(view()).toMatchObject({ status: { age: 20 }, ages: [10] })
  time = 500
  players.update('k', status('waiting', 20))
  expect(view()?.ages).toEqual([10, null])
  for (let i = 0; i < 200; i++) {
    time += 500
    players.update('k', status('behind', i))
  }
  expect(view()?.ages).toHaveLength(90)
  expect(view()?.ages.at(-1)).toBe(199)
  players.remove('k')
  expect(players.store.getState()).toEqual({})
})
