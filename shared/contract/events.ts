import { Array, Object, Optional } from 'typebox'
import { CameraId, SaidTime } from '../model/camera.ts'
import { procedure } from './define.ts'
import { Event, EventId, EventKind, MAX_FILTER_ITEMS } from './feed.ts'
import { listInput, listOutput } from './paging.ts'

/** Which events: of some cameras, of some kinds; of all without. */
const filter = {
  camera: Optional(Array(CameraId, { maxItems: MAX_FILTER_ITEMS, description: 'Of these cameras alone.' })),
  kind: Optional(Array(EventKind, { maxItems: MAX_FILTER_ITEMS, description: 'Of these kinds alone.' })),
}

/** What an events socket, and the stream of server-sent events, are asked for. */
export const feedQuery = Object(
  { ...filter, after: Optional({ ...EventId, description: 'Id of the last event that was heard: what came since is told first.' }) },
  { additionalProperties: false },
)

export const eventProcedures = {
  'porthole.event.list': procedure({
    method: 'GET',
    path: '/events/log',
    role: 'viewer',
    summary: 'Events that are kept, the oldest first; of cameras that you may watch.',
    input: listInput({ ...filter, from: Optional(SaidTime), to: Optional(SaidTime) }),
    output: listOutput('events', Event),
    status: 200,
    errors: ['camera.unknown'],
  }),
  'porthole.camera.events': procedure({
    method: 'GET',
    path: '/cameras/:id/events',
    role: 'viewer',
    camera: 'watch',
    summary: 'Events of one camera that are kept, the oldest first; of a time, if you say it.',
    input: listInput({ id: CameraId, kind: filter.kind, from: Optional(SaidTime), to: Optional(SaidTime) }),
    output: listOutput('events', Event),
    status: 200,
    errors: ['camera.unknown'],
  }),
}
