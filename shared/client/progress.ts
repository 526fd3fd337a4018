import type { InputOf, OutputOf, ProcedureName } from '../contract/index.ts'
import type { SettingsProgress } from '../model/settings.ts'
import { ApiError, answerOf, type CallOptions, createAsk, errorOf, NetworkError } from './call.ts'
import { SentEventsParser, textOf } from './sent-events.ts'

/** Characters of a result: what was done to each thing of the largest document that is taken. */
const MAX_RESULT_CHARS = 32 * 1024 * 1024

/** Asks for one procedure of the contract, and is told how it goes on. Rejects with ApiError or NetworkError, nothing else. */
export type CallWithProgress = <N extends ProcedureName>(
  name: N,
  input: InputOf<N>,
  onProgress: (progress: SettingsProgress) => void,
) => Promise<OutputOf<N>>

export function createCallWithProgress(options: CallOptions): CallWithProgress {
  const ask = createAsk(options)
  return async (name, input, onProgress) => {
    const response = await ask(name, input, {}, 'text/event-stream, application/json')
    // Whatever is refused before it begins, or tells nothing of itself, is answered as always.
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return answerOf(response)
    try {
      const parser = new SentEventsParser(MAX_RESULT_CHARS)
      for await (const text of textOf(response.body))
        for (const event of parser.feed(text)) {
          const value = JSON.parse(event.data)
          if (event.name === 'result') return value
          if (event.name === 'error') throw errorOf(value) ?? new Error('an unknown error')
          if (event.name === 'progress') onProgress(value)
        }
      throw new Error('there was no result')
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw new NetworkError('the answer was cut off', { cause })
      options.onRefused?.(cause.code)
      throw cause
    }
  }
}
