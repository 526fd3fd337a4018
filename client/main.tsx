import { createRoot } from 'react-dom/client'
import { warmUp } from './player/player.ts'
import { start } from './state/stores.ts'
import './ui/base.css'
import { App } from './ui/app.tsx'

// What waits for the network goes first; the page is drawn meanwhile.
warmUp()
start()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
