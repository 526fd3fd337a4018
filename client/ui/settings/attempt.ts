import { notices } from '../../state/stores.ts'
import { wordsFor } from '../../state/texts.ts'

/** Does something; what went wrong is told. @returns whether it was done */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    notices.add({ kind: 'error', text: wordsFor(error) })
    return false
  }
}
