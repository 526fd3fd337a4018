import { runWorker } from './worker.ts'

/** `/embed.js`: in a page it makes the element known, in a worker it is the player. */
if (typeof document === 'undefined') runWorker()
else {
  // A module has no current script: the page's element says where it came from.
  const element = document.currentScript ?? document.querySelector('script[src*="/embed.js"]')
  const script = (element as HTMLScriptElement | null)?.src
  // Not before it is known to be a page: in a worker there are no elements to build upon.
  void import('./page.ts').then(({ begin }) => begin(script))
}
