import { createRoot } from 'react-dom/client'
import { createPlayer, dropAhead, shareUrl } from '../player/player.ts'
import { storageOf } from '../state/storage.ts'
import { appUrl } from '../transport/base.ts'
import { Portal } from './portal.tsx'
import { createWatch } from './watch.ts'

const token = decodeURIComponent(/\/share\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? '')
const watch = createWatch({ url: shareUrl(token), createPlayer, dropAhead, storage: storageOf(() => sessionStorage) })
createRoot(document.getElementById('root') as HTMLElement).render(
  <Portal watch={watch} link={appUrl(`share/${encodeURIComponent(token)}`).href} />,
)
