import { Array, Boolean, Integer, Null, Object, Optional, Union } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { EmbedOrigin, MAX_SHARE_CAMERAS, MAX_SHARE_ORIGINS, Passcode, Share, ShareId, ShareLabel } from '../model/share.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

/** Seconds that a share may be for: up to ten years. */
const ExpiresIn = Integer({ minimum: 1, maximum: 10 * 366 * 86_400, description: 'Seconds.' })
const MaxViewers = Integer({ minimum: 1, maximum: 100_000, description: 'Viewers at once.' })
const Origins = Array(EmbedOrigin, { maxItems: MAX_SHARE_ORIGINS, description: 'Sites whose pages may show it.' })
const orNull = <T extends Parameters<typeof Union>[0][number]>(schema: T) => Optional(Union([schema, Null()]))

/** What can be said of a share when it is made and later; null takes it away. */
const settings = {
  label: Optional(ShareLabel),
  expiresIn: orNull(ExpiresIn),
  passcode: orNull(Passcode),
  maxViewers: orNull(MaxViewers),
  origins: orNull(Origins),
  audio: Optional(Boolean({ description: 'Whether sound is shared too.' })),
}

export const shareProcedures = {
  'porthole.share.list': procedure({
    method: 'GET',
    path: '/shares',
    role: 'operator',
    summary: 'Shares of cameras that you manage; of one camera, if you name it.',
    input: listInput({ camera: Optional(CameraId) }),
    output: listOutput('shares', Share),
    status: 200,
    errors: [],
  }),
  'porthole.share.create': procedure({
    method: 'POST',
    path: '/shares',
    role: 'operator',
    summary: 'Share a camera, or some: a link to watch without an account.',
    input: Object({ camera: Optional(CameraId), cameras: Optional(Array(CameraId, { maxItems: MAX_SHARE_CAMERAS })), ...settings }, strict),
    output: Share,
    status: 201,
    at: ({ id }) => `/shares/${id}`,
    errors: ['camera.unknown', 'camera.temporary', 'server.limit'],
  }),
  'porthole.share.get': procedure({
    method: 'GET',
    path: '/shares/:share',
    role: 'operator',
    summary: 'One share.',
    input: Object({ share: ShareId }, strict),
    output: Share,
    volatile: ['views', 'viewers'],
    status: 200,
    errors: ['share.unknown'],
  }),
  'porthole.share.update': procedure({
    method: 'PATCH',
    path: '/shares/:share',
    role: 'operator',
    changes: 'porthole.share.get',
    summary: 'Change a share. Who watches by it begins anew when what binds them changed.',
    input: Object({ share: ShareId, ...settings }, strict),
    output: Share,
    status: 200,
    errors: ['share.unknown'],
  }),
  'porthole.share.delete': procedure({
    method: 'DELETE',
    path: '/shares/:share',
    role: 'operator',
    changes: 'porthole.share.get',
    summary: 'Take a share back: who watches by it is ended at once.',
    input: Object({ share: ShareId }, strict),
    output: Null(),
    status: 204,
    errors: ['share.unknown'],
  }),
}
