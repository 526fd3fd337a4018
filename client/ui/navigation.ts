/** The camera whose page was open last: the wall puts the focus there again. */
let last: string | null = null

export const lastCamera = (): string | null => last

export const rememberCamera = (id: string): void => {
  last = id
}
