import { useCallback, useEffect, useRef, useState } from 'react'
import type { InputOf, OutputOf, ProcedureName } from '../../../shared/contract/index.ts'
import { call } from '../../state/stores.ts'
import { useAgain } from '../hooks.ts'

/** An answer of the server, while it is asked and after. */
export interface Asked<T> {
  readonly data: T | undefined
  readonly error: unknown
  /** Asks again; what is shown stays until the answer. */
  readonly reload: () => Promise<void>
}

/** Asks one procedure when the component comes. `input` must stay the same. */
export function useAsked<N extends ProcedureName>(name: N, input: InputOf<N>): Asked<OutputOf<N>> {
  const [state, setState] = useState<{ data: OutputOf<N> | undefined; error: unknown }>({ data: undefined, error: null })
  const asked = useRef(input)
  const turn = useRef(0)
  const reload = useCallback(async () => {
    const mine = ++turn.current
    try {
      const data = await call(name, asked.current)
      if (mine === turn.current) setState({ data, error: null })
    } catch (error) {
      if (mine === turn.current) setState(({ data }) => ({ data, error }))
    }
  }, [name])
  useEffect(() => {
    void reload()
    return () => {
      turn.current++
    }
  }, [reload])
  useAgain(state.error !== null, reload)
  return { ...state, reload }
}
