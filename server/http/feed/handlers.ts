import { type Event, topics } from '../../../shared/contract/feed.ts'
import { PAGE_ITEMS, type PageWish } from '../../../shared/contract/paging.ts'
import { allows } from '../../../shared/model/session.ts'
import { PortholeError } from '../../base/errors.ts'
import type { Avatar, Handlers } from '../../base/handlers.ts'
import { numberFrom, pageOfRows, rowsFor } from '../../base/paging.ts'
import type { EventLog, EventWish } from '../../bus/log.ts'
import type { Feed } from './feed.ts'

export interface EventHandlerOptions {
  readonly events: EventLog
  readonly feed: Feed
  readonly ownerOf: (camera: string) => Promise<string | undefined>
}

interface Times extends PageWish {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What happened, as far as it is kept. A page can have fewer events than asked for: some are not for who asks. */
export const eventHandlers = ({
  events,
  feed,
  ownerOf,
}: EventHandlerOptions): Handlers<'porthole.event.list' | 'porthole.camera.events'> => {
  const list = async (avatar: Avatar, wish: Pick<EventWish, 'cameras' | 'kinds'>, times: Times) => {
    const after = times.cursor === undefined ? 0 : numberFrom(times.cursor)
    const limit = rowsFor({ limit: times.limit ?? PAGE_ITEMS })
    const rows = await events.read({ after, ...wish, from: microsOf('from', times.from), to: microsOf('to', times.to), limit })
    const { page, next } = pageOfRows(rows, ({ id }) => [id as number], times)
    const mine: Event[] = []
    for (const { kind, camera, text } of page) {
      const owner = (await ownerOf(camera.id)) ?? camera.owner
      if (allows(avatar.role, topics[kind].role) && avatar.may('watch', { id: camera.id, owner })) mine.push(JSON.parse(text))
    }
    return { events: mine, next }
  }
  return {
    'porthole.event.list': async ({ camera, kind, ...times }, { avatar }) => {
      await feed.check(avatar, { camera })
      return list(avatar, { cameras: camera, kinds: kind }, times)
    },
    'porthole.camera.events': ({ id, kind, ...times }, { avatar }) => list(avatar, { cameras: [id], kinds: kind }, times),
  }
}

function microsOf(field: string, time: string | undefined): number | undefined {
  if (time === undefined) return undefined
  const ms = Date.parse(time)
  if (Number.isNaN(ms)) throw new PortholeError('request.invalid', `${field} is no time; say something like 2026-01-31T12:00:00Z`)
  return ms * 1000
}
