import type { ProcedureName } from '../../shared/contract/index.ts'
import { isoTime } from '../../shared/units/time.ts'
import { type Handlers, signedIn } from '../base/handlers.ts'
import { pageOf } from '../base/paging.ts'
import type { Cameras } from './cameras.ts'

export const cameraHandlers = (
  cameras: Cameras,
): Handlers<Exclude<Extract<ProcedureName, `porthole.camera.${string}`>, 'porthole.camera.events'>> => ({
  'porthole.camera.list': async (wish, { avatar }) => {
    const mine = cameras.list().filter((camera) => avatar.may('watch', camera))
    const { page, next } = pageOf(mine, ({ createdAt, id }) => [createdAt, id], wish)
    return { cameras: page, next }
  },
  'porthole.camera.create': (input, caller) => cameras.create(input, signedIn(caller).user),
  'porthole.camera.get': ({ id }) => cameras.get(id),
  'porthole.camera.update': ({ id, ...change }) => cameras.update(id, change),
  'porthole.camera.delete': async ({ id }) => ({ id, undoUntil: isoTime(await cameras.delete(id)) }),
  'porthole.camera.restore': ({ id }) => cameras.restore(id),
  'porthole.camera.status': ({ id }) => cameras.status(id),
})
