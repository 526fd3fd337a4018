import { describe, expect, it } from 'vitest'
import { type FeedMessage, topicOf } from '../../shared/contract/feed.ts'
import { applyFeed, emptyFleet } from './feed.ts'
import { camera, statusOf } from './testing.ts'

const event = (kind: 'camera.changed' | 'camera.removed' | 'camera.status', camera: string, payload: object) =>
  ({ type: 'event', at: '2026-01-01T00:00:00.000Z', kind, topic: topicOf(kind, camera), camera, payload }) as FeedMessage
const changed = (payload = camera('b')) => event('camera.changed', payload.id, payload)
const removed = (id: string) => event('camera.removed', id, { id })
const status = (id: string, change = {}) => event('camera.status', id, statusOf(id, change))

const early = camera('z', { createdAt: '2025-06-01T09:00:00.000Z' })
const loaded = applyFeed(emptyFleet, { type: 'snapshot', last: 0, cameras: [camera('b'), camera('a'), early], status: [statusOf('a')] })

describe('the fleet', () => {
  it('is ordered by creation, then by id', () => {
    expect(loaded.order).toEqual(['z', 'a', 'b'])
    expect(loaded.loaded).toBe(true)
    expect(loaded.appeared).toEqual({})
  })

  it('renames in place', () => {
    const next = applyFeed(loaded, changed(camera('b', { name: 'Other' })))
    expect(next.cameras.b?.name).toBe('Other')
    expect(next.order).toBe(loaded.order)
    expect(next.cameras.a).toBe(loaded.cameras.a)
  })

  it('takes a camera out and remembers it; its return counts', () => {
    const gone = applyFeed(loaded, removed('a'))
    expect(gone.order).toEqual(['z', 'b'])
    expect(gone.status.a).toBeUndefined()
    expect(gone.removed.a?.name).toBe('Camera a')
    const back = applyFeed(gone, changed(camera('a')))
    expect(back.order).toEqual(['z', 'a', 'b'])
    expect(back.removed.a).toBeUndefined()
    expect(back.appeared.a).toBe(1)
  })

  it('ignores a removal and a status of a camera it does not have', () => {
    expect(applyFeed(loaded, removed('nobody'))).toBe(loaded)
    expect(applyFeed(loaded, status('nobody'))).toBe(loaded)
  })

  it('keeps a status by camera', () => {
    const next = applyFeed(loaded, status('b', { viewers: 3 }))
    expect(next.status.b?.viewers).toBe(3)
    expect(next.status.a).toBe(loaded.status.a)
  })

  it('learns from a later snapshot what came and went while the connection was lost', () => {
    const next = applyFeed(loaded, { type: 'snapshot', last: 0, cameras: [camera('b'), camera('c')], status: [statusOf('c')] })
    expect(next.order).toEqual(['b', 'c'])
    expect(Object.keys(next.removed).sort()).toEqual(['a', 'z'])
    expect(next.appeared).toEqual({ c: 1 })
    expect(next.status).toEqual({ c: statusOf('c') })
  })
})
