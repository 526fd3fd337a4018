import { PAGE_ITEMS, type PageWish } from '../../shared/contract/paging.ts'
import { PortholeError } from './errors.ts'

/** What an item is sorted by, ascending; no two items have the same. */
export type Place = readonly (string | number)[]

/** A page of items that are in memory. @throws PortholeError request.invalid when the cursor is none of this list */
export function pageOf<T>(items: readonly T[], placeOf: (item: T) => Place, wish: PageWish): { page: T[]; next: string | null } {
  const sorted = items.map((item) => ({ item, place: placeOf(item) })).sort((a, b) => compare(a.place, b.place))
  const after = wish.cursor === undefined ? undefined : placeFrom(wish.cursor)
  const rest = after ? sorted.filter(({ place }) => compare(place, after) > 0) : sorted
  return cut(
    rest,
    wish,
    ({ place }) => place,
    ({ item }) => item,
  )
}

/**
 * The page of what was fetched beyond a cursor, in its order: one item more than wanted says that there is another page.
 * @param rows at least one more than the page has, where there are so many
 */
export const pageOfRows = <T>(rows: readonly T[], placeOf: (row: T) => Place, wish: PageWish): { page: T[]; next: string | null } =>
  cut(rows, wish, placeOf, (row) => row)

/** Items to fetch for a page. */
export const rowsFor = ({ limit = PAGE_ITEMS }: PageWish): number => limit + 1

/** The number that a cursor of a list of rows names. @throws PortholeError request.invalid */
export function numberFrom(cursor: string): number {
  const [place, ...more] = placeFrom(cursor)
  if (more.length > 0 || typeof place !== 'number' || !Number.isSafeInteger(place)) throw noCursor()
  return place
}

function cut<R, T>(rows: readonly R[], { limit = PAGE_ITEMS }: PageWish, placeOf: (row: R) => Place, itemOf: (row: R) => T) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = last !== undefined && rows.length > limit ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url') : null
  return { page: page.map(itemOf), next }
}

function placeFrom(cursor: string): Place {
  let place: unknown
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw noCursor()
  }
  if (!Array.isArray(place) || place.length === 0 || !place.every((part) => typeof part === 'string' || typeof part === 'number'))
    throw noCursor()
  return place
}

const noCursor = () => new PortholeError('request.invalid', 'cursor is none of this list')

function compare(a: Place, b: Place): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string | number, b[i] as string | number]
    if (x !== y) return x < y ? -1 : 1
  }
  return a.length - b.length
}
