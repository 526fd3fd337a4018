import { type ParseArgsConfig, parseArgs } from 'node:util'
import { ConfigError } from '../base/errors.ts'

/** Options that every command about a data directory has. */
export const DATA_OPTIONS = { data: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

/** A command of the form `porthole user add NAME --role R`, taken apart. */
export function readArguments<O extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...argv], options: { ...DATA_OPTIONS, ...options }, allowPositionals: true, strict: true })
  } catch (error) {
    throw new ConfigError((error as Error).message.split('. ')[0] as string)
  }
}

/** The one word that a command needs. */
export function one(words: readonly string[], what: string): string {
  const [word, ...more] = words
  if (word === undefined || more.length > 0) throw new ConfigError(`say one ${what}`)
  return word
}

/** Words that a command does not take. */
export function none(words: readonly string[]): void {
  if (words.length > 0) throw new ConfigError(`${words.join(' ')} is too much; see --help`)
}

/** One of some words. */
export function oneOf<W extends string>(value: string, words: readonly W[], what: string): W {
  const found = words.find((word) => word === value)
  if (!found) throw new ConfigError(`${what} ${value} is not known; say one of ${words.join(', ')}`)
  return found
}

/** Rows as columns with a heading, or as JSON for scripts. */
export function print(rows: readonly Record<string, unknown>[], columns: readonly string[], json: boolean | undefined): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`)
    return
  }
  const cells = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => `${row[column] ?? '–'}`))]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] as string).length)))
  for (const row of cells)
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd()}\n`,
    )
}
