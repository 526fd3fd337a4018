import { createRoot } from 'react-dom/client'
import { basePath } from '../../transport/base.ts'
import { JoinPage } from './join-page.tsx'

/** The code of this page's address; empty without one. */
function codeOfPage(): string {
  const [, code = ''] = /^\/join\/([^/]+)/.exec(location.pathname.slice(basePath().length)) ?? []
  try {
    return decodeURIComponent(code)
  } catch {
    return code
  }
}

createRoot(document.getElementById('root') as HTMLElement).render(<JoinPage code={codeOfPage()} />)
