import type { ProcedureName } from '../../shared/contract/index.ts'
import { type Handlers, signedIn } from '../base/handlers.ts'
import { pageOf } from '../base/paging.ts'
import type { Stages } from './stages.ts'

/** What a host does to their stage. */
export const stageHandlers = (stages: Stages): Handlers<Extract<ProcedureName, `porthole.stage.${string}`>> => ({
  'porthole.stage.open': async ({ lobby }, caller) => stages.open(signedIn(caller).user, lobby, caller.asked).view(),
  'porthole.stage.list': async (wish, { avatar }) => {
    const views = stages.list(avatar).map((stage) => stage.view())
    const { page, next } = pageOf(views, ({ createdAt, id }) => [createdAt, id], wish)
    return { stages: page, next }
  },
  'porthole.stage.get': async ({ stage }, { avatar }) => stages.get(stage, avatar).view(),
  'porthole.stage.update': async ({ stage, ...change }, { avatar }) => stages.get(stage, avatar).update(change),
  'porthole.stage.close': async ({ stage }, { avatar }) => {
    stages.get(stage, avatar).end('the host ended it')
    return null
  },
  'porthole.stage.admit': async ({ stage, participant }, { avatar }) => stages.get(stage, avatar).admit(participant),
  'porthole.stage.mute': async ({ stage, participant, muted }, { avatar }) => stages.get(stage, avatar).mute(participant, muted),
  'porthole.stage.remove': async ({ stage, participant }, { avatar }) => {
    stages.get(stage, avatar).remove(participant)
    return null
  },
})
