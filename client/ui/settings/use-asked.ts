import { useCallback, useEffect, useRef, useState } from 'react'
import { everything, type ItemOf, type ListName } from '../../../shared/client/everything.ts'
import type { InputOf, OutputOf, ProcedureName } from '../../../shared/contract/index.ts'
import { call } from '../../state/stores.ts'
import { useAgain } from '../hooks.ts'

/** Milliseconds between two looks at what changes by itself. */
const LOOK_MS = 5000

/** An answer of the server, while it is asked and after. */
export interface Asked<T> {
  readonly data: T | undefined
  readonly error: unknown
  /** Asks again; what is shown stays until the answer. */
  readonly reload: () => Promise<void>
}

/** Asks one procedure when the component comes. `input` must stay the same. */
export function useAsked<N extends ProcedureName>(name: N, input: InputOf<N>): Asked<OutputOf<N>> {
  const asked = useRef(input)
  return useAnswer(useCallback(() => call(name, asked.current), [name]))
}

/** The same of all pages of a list. */
export function useEverything<N extends ListName>(name: N, input: Omit<InputOf<N>, 'cursor'>): Asked<ItemOf<N>[]> {
  const asked = useRef(input)
  return useAnswer(useCallback(() => everything(call, name, asked.current), [name]))
}

function useAnswer<T>(ask: () => Promise<T>): Asked<T> {
  const [state, setState] = useState<{ data: T | undefined; error: unknown }>({ data: undefined, error: null })
  const turn = useRef(0)
  const reload = useCallback(async () => {
    const mine = ++turn.current
    try {
      const data = await ask()
      if (mine === turn.current) setState({ data, error: null })
    } catch (error) {
      if (mine === turn.current) setState(({ data }) => ({ data, error }))
    }
  }, [ask])
  useEffect(() => {
    void reload()
    return () => {
      turn.current++
    }
  }, [reload])
  useAgain(state.error !== null, reload)
  return { ...state, reload }
}

/** Asks again every few seconds while the page is looked at. */
export function useRefresh(reload: () => Promise<void>, everyMs = LOOK_MS): void {
  const current = useRef(reload)
  useEffect(() => {
    current.current = reload
  })
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && void current.current(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
