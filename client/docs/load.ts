import { appUrl } from '../transport/base.ts'
import { type OpenApi, PATH } from './openapi.ts'

/** Tells the server that a page asks: a refusal then brings no dialogue of the browser's. */
export const FROM_PAGE = { 'x-requested-with': 'porthole' }

/** The document; undefined for who is not signed in. @throws whatever, when no server of ours answers */
export async function load(): Promise<OpenApi | undefined> {
  const response = await fetch(appUrl(PATH), { headers: { ...FROM_PAGE, accept: 'application/json' } })
  if (response.status === 401) return undefined
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return await response.json()
}
