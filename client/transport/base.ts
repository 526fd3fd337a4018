/**
 * Where the application stands: the page's `<base>`, which the server sets to its public address's path. Without one (another page that
 * uses the player) it is the origin's root.
 */
export const appUrl = (path: string): URL => new URL(path.replace(/^\//, ''), document.querySelector('base')?.href ?? `${location.origin}/`)

/** The path before the application's own addresses, without a slash at its end: '' at the root. */
export const basePath = (): string => (typeof document === 'undefined' ? '' : appUrl('').pathname.replace(/\/$/, ''))
