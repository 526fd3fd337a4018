/** The path of the public address without a slash at its end: '' at the root. */
export const publicPath = (publicUrl: URL | undefined): string => (publicUrl?.pathname ?? '').replace(/\/$/, '')

/** A request's address without the public path, which some proxies leave in and some take away. */
export function withoutPublicPath(publicUrl: URL | undefined, url: string): string {
  const path = publicPath(publicUrl)
  if (path === '' || !url.startsWith(path)) return url
  const rest = url.slice(path.length)
  return rest === '' ? '/' : rest.startsWith('/') ? rest : rest.startsWith('?') ? `/${rest}` : url
}
