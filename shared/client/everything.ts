import type { InputOf, OutputOf, ProcedureName } from '../contract/index.ts'

/** Procedures that list. */
export type ListName = { [N in ProcedureName]: OutputOf<N> extends { readonly next: string | null } ? N : never }[ProcedureName]
/** What they list. */
export type ItemOf<N extends ListName> = {
  [K in keyof OutputOf<N>]: OutputOf<N>[K] extends readonly (infer T)[] ? T : never
}[keyof OutputOf<N>]

type Ask = <N extends ProcedureName>(name: N, input: InputOf<N>) => Promise<OutputOf<N>>

/** Everything that a list has, page after page. */
export async function everything<N extends ListName>(ask: Ask, name: N, input: Omit<InputOf<N>, 'cursor'>): Promise<ItemOf<N>[]> {
  const items: ItemOf<N>[] = []
  let cursor: string | null | undefined
  do {
    const { next, ...lists } = await ask(name, { ...input, ...(cursor && { cursor }) } as InputOf<N>)
    items.push(...(Object.values(lists).flat() as ItemOf<N>[]))
    cursor = next
  } while (cursor)
  return items
}
