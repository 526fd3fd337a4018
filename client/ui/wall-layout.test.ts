import { expect, it } from 'vitest'
import { neighbour, wallLayout } from './wall-layout.ts'

const desk = { width: 1248, height: 724 }
const phone = { width: 358, height: 760 }

it.each([
  [1, desk, 1],
  [2, desk, 2],
  [4, desk, 2],
  [9, desk, 3],
  [12, desk, 4],
  [30, desk, 5],
  [1, phone, 1],
  [3, phone, 1],
  [8, phone, 2],
  [30, phone, 2],
])('%d cameras on %o stand in %d columns', (count, size, columns) => {
  const layout = wallLayout(count, size, 12)
  expect(layout.columns).toBe(columns)
  expect(layout.tile * columns + 12 * (columns - 1)).toBeLessThanOrEqual(size.width)
})

it('shows all without scrolling while the tiles are large enough', () => {
  for (let count = 1; count <= 12; count++) {
    const { columns, tile } = wallLayout(count, desk, 12)
    const rows = Math.ceil(count / columns)
    expect(rows * ((tile * 9) / 16) + 12 * (rows - 1)).toBeLessThanOrEqual(desk.height)
  }
})

it('stands a window that has no room', () => {
  expect(wallLayout(5, { width: 90, height: 0 }, 12)).toEqual({ columns: 1, tile: 90 })
})

it('moves among the tiles and stops at the edges', () => {
  expect(neighbour('ArrowDown', 1, 9, 3)).toBe(4)
  expect(neighbour('ArrowUp', 1, 9, 3)).toBeNull()
  expect(neighbour('ArrowRight', 8, 9, 3)).toBeNull()
  expect(neighbour('ArrowRight', -1, 9, 3)).toBe(0)
  expect(neighbour('End', 0, 9, 3)).toBe(8)
  expect(neighbour('x', 0, 9, 3)).toBeNull()
})
