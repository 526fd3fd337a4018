import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { basePath, start } from './state/stores.ts'
import { App } from './ui/app.tsx'
import { aroundNav } from './ui/transitions.ts'

// What waits for the network goes first; the page is drawn meanwhile.
start()
createRoot(document.getElementById('root') as HTMLElement).render(
  <Router base={basePath()} aroundNav={aroundNav}>
    <App pages={{ stage: () => import('./stage/stage-page.tsx') }} />
  </Router>,
)
