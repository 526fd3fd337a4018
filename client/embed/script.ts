import { runWorker } from './worker.ts'

/** `/embed.js`: in a page it makes the element known, in a worker it is the player. */
if (typeof document === 'undefined') runWorker()
else {
  const script = (document.currentScript as HTMLScriptElement | null)?.src
  // Not before it is known to be a page: in a worker there are no elements to build upon.
  void import('./page.ts').then(({ begin }) => begin(script))
}
