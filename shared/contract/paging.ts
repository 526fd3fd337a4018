import { Array, Integer, Null, Object, Optional, String, type TProperties, type TSchema, Union } from 'typebox'

/** Items of one page, unless told, and at most. */
export const PAGE_ITEMS = 200
export const MAX_PAGE_ITEMS = 1000
/** Characters of a cursor. */
export const MAX_CURSOR_CHARS = 512

/** What every list takes: how many, and after which. A cursor is what the page before said; nothing else can be made of it. */
const page = {
  cursor: Optional(String({ minLength: 1, maxLength: MAX_CURSOR_CHARS, description: '`next` of the page before.' })),
  limit: Optional(Integer({ minimum: 1, maximum: MAX_PAGE_ITEMS, description: `Items of the page; ${PAGE_ITEMS} unless told.` })),
}

/** The input of a list. */
export const listInput = <P extends TProperties>(fields: P) => Object({ ...fields, ...page }, { additionalProperties: false })

/** The output of a list: the items under their name, and what asks for those after them; null at the end. */
export const listOutput = <K extends string, T extends TSchema>(name: K, item: T) =>
  Object({ [name]: Array(item), next: Union([String(), Null()], { description: 'The cursor of the next page; null at the end.' }) } as {
    [key in K]: ReturnType<typeof Array<T>>
  } & { next: ReturnType<typeof Union<[ReturnType<typeof String>, ReturnType<typeof Null>]>> })

/** A page as asked for. */
export interface PageWish {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}
