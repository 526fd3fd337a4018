import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CameraAct } from '../../shared/model/access.ts'
import { type Database, IN_MEMORY, openDatabase } from '../store/database.ts'
import { type Auth, openAuth } from '../testing/auth.ts'
import { FakeClock } from '../testing/clock.ts'
import type { AvatarKind, Realm } from './realm.ts'

const ACTS: readonly CameraAct[] = ['watch', 'feed', 'manage']
const CAM = { id: 'cam', owner: 'ada' }

let database: Database
let auth: Auth
beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  auth = await openAuth(database, new FakeClock())
  await auth.users.create('ada', 'operator', undefined)
  await auth.users.create('eve', 'viewer', undefined)
  await auth.users.create('boss', 'owner', undefined)
})
afterEach(() => database.destroy())

const may = (...of: Parameters<Realm['avatarFor']>) => ACTS.filter((act) => auth.realm.avatarFor(...of).may(act, CAM)).join(' ')

test.each<[AvatarKind, string, string]>([
  ['http', 'watch feed manage', 'feed'],
  ['rtsp', 'watch feed', 'feed'],
  ['ftp', 'feed', 'feed'],
  ['publisher', 'feed', 'feed'],
])('a connection by %s is for some things alone', (kind, ofUser, ofKey) => {
  expect(may({ user: 'ada' }, kind)).toBe(ofUser)
  expect(may({ user: undefined, camera: 'cam', isKey: true }, kind)).toBe(ofKey)
  expect(may({ user: undefined, camera: 'other', isKey: true }, kind)).toBe('')
  expect(may(undefined, kind)).toBe('')
  expect(may({ user: 'nobody' }, kind)).toBe('')
})

test('WAMP is for users, and for no key that feeds a camera', () => {
  expect(may({ user: 'ada' }, 'wamp')).toBe('watch feed manage')
  expect(() => auth.realm.avatarFor({ user: undefined, camera: 'cam', isKey: true }, 'wamp')).toThrow(
    expect.objectContaining({ code: 'auth.role' }),
  )
})

test('an avatar is asked anew each time: roles, grants and users count at once', async () => {
  const [eve, capped] = [auth.realm.avatarFor({ user: 'eve' }, 'http'), auth.realm.avatarFor({ user: 'boss', atMost: 'viewer' }, 'http')]
  expect([eve.may('watch', CAM), capped.may('watch', CAM), capped.role]).toEqual([false, false, 'viewer'])
  await auth.grants.give('eve', 'cam')
  expect([eve.may('watch', CAM), eve.may('feed', CAM)]).toEqual([true, false])
  await auth.users.setRole('eve', 'operator')
  expect([eve.role, eve.may('feed', CAM)]).toEqual(['operator', true])
  await auth.grants.take('eve', 'cam')
  expect(eve.may('watch', CAM)).toBe(false)
  await auth.users.delete('eve')
  expect(eve.role).toBe('public')
})
