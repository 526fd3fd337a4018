import type { ProcedureName } from '../../shared/contract/index.ts'
import type { Camera } from '../../shared/model/camera.ts'
import type { Share } from '../../shared/model/share.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import { PortholeError } from '../base/errors.ts'
import { type Caller, type Handlers, signedIn } from '../base/handlers.ts'
import type { Links } from '../base/links.ts'
import { pageOf } from '../base/paging.ts'
import type { ShareEntry, Shares } from './shares.ts'
import type { Visits } from './visits.ts'

export interface ShareHandlerOptions {
  readonly shares: Shares
  readonly visits: Visits
  readonly links: Links
  readonly find: (camera: string) => Camera | undefined
}

/** Shares, for who manages all their cameras. To others they do not exist. */
export const shareHandlers = ({
  shares,
  visits,
  links,
  find,
}: ShareHandlerOptions): Handlers<Extract<ProcedureName, `porthole.share.${string}`>> => {
  const manages = ({ avatar }: Caller, camera: Camera | undefined) => camera !== undefined && avatar.may('manage', camera)
  const isMine = (caller: Caller, { cameras }: ShareEntry) => {
    const there = cameras.map(find).filter((camera) => camera !== undefined)
    // Of cameras that are gone nothing is left to be shared: what remains is the owners' to clear away.
    if (there.length === 0) return caller.avatar.role === 'owner'
    return there.every((camera) => manages(caller, camera))
  }
  const known = (id: string, caller: Caller): ShareEntry => {
    const share = shares.get(id)
    if (!isMine(caller, share)) throw new PortholeError('share.unknown')
    return share
  }
  const told = (share: ShareEntry, { asked }: Caller): Share => {
    const { url, reach } = links.base(asked)
    return {
      ...share,
      cameras: [...share.cameras],
      origins: share.origins && [...share.origins],
      createdAt: isoTime(micros(share.createdAt)),
      expiresAt: share.expiresAt === null ? null : isoTime(micros(share.expiresAt)),
      viewers: visits.count(share.id),
      url: `${url}/share/${share.token}`,
      reach,
    }
  }
  return {
    'porthole.share.list': async ({ camera, ...wish }, caller) => {
      const mine = shares.list().filter((share) => (camera === undefined || share.cameras.includes(camera)) && isMine(caller, share))
      const { page, next } = pageOf(mine, ({ createdAt, id }) => [createdAt, id], wish)
      return { shares: page.map((share) => told(share, caller)), next }
    },
    'porthole.share.get': async ({ share }, caller) => told(known(share, caller), caller),
    'porthole.share.create': async ({ camera, cameras, ...settings }, caller) => {
      const ids = [...new Set([camera ?? [], cameras ?? []].flat())]
      if (ids.length === 0) throw new PortholeError('request.invalid', 'say camera, or cameras')
      for (const id of ids) {
        const found = find(id)
        if (!found || !caller.avatar.may('watch', found)) throw new PortholeError('camera.unknown')
        if (!manages(caller, found)) throw new PortholeError('auth.role')
        // It goes with its phone, and leaves nothing behind.
        if (found.temporary) throw new PortholeError('camera.temporary')
      }
      return told(await shares.create(ids, settings, signedIn(caller).user), caller)
    },
    'porthole.share.update': async ({ share, ...settings }, caller) => {
      known(share, caller)
      return told(await shares.update(share, settings), caller)
    },
    'porthole.share.delete': async ({ share }, caller) => {
      known(share, caller)
      await shares.delete(share)
      return null
    },
  }
}
