import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

/** Rows in columns: the first column to the left, the others to the right, as a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0), 3))
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? `${'-'.repeat(width + 2)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** A number for a table; `–` for none. */
export const cell = (value: number | undefined, digits = 0, unit = ''): string =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(digits)}${unit}`

/** `0.42 ≤ 0.50 ok` or `0.61 > 0.50 MISSED`. */
export const verdict = (value: number, bar: number, digits = 2): string =>
  !Number.isFinite(value)
    ? 'not measured'
    : value <= bar
      ? `${value.toFixed(digits)} ≤ ${bar.toFixed(digits)} ok`
      : `${value.toFixed(digits)} > ${bar.toFixed(digits)} MISSED`

/** When and where it was measured, and how busy the machine was. */
export function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))].filter((model) => model.length > 1)
  const kernel = process.platform === 'linux' ? readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() : process.platform
  return [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    `${cpus().length} cores${models.length > 0 ? ` (${models.join(', ')})` : ''}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel,
    `Node ${process.versions.node}`,
    `load ${loadavg()[0]?.toFixed(2)}`,
  ].join(' · ')
}

type Widened<T> = { [K in keyof T]: T[K] extends number ? number : T[K] extends boolean ? boolean : string }

/**
 * The arguments of a benchmark: `--name value` and `--flag`.
 * @param defaults every option with its default; a boolean is a flag
 * @throws Error that names what is not known
 */
export function options<T extends Record<string, number | string | boolean>>(defaults: T, args = process.argv.slice(2)): Widened<T> {
  const result: Record<string, number | string | boolean> = { ...defaults }
  for (let i = 0; i < args.length; i++) {
    const name = args[i]?.replace(/^--/, '') ?? ''
    const fallback = defaults[name]
    if (!args[i]?.startsWith('--') || fallback === undefined)
      throw new Error(
        `unknown argument ${args[i]}; there are ${Object.keys(defaults)
          .map((known) => `--${known}`)
          .join(' ')}`,
      )
    if (typeof fallback === 'boolean') result[name] = true
    else {
      const value = args[++i]
      if (value === undefined || (typeof fallback === 'number' && !Number.isFinite(Number(value))))
        throw new Error(`--${name} needs a ${typeof fallback}`)
      result[name] = typeof fallback === 'number' ? Number(value) : value
    }
  }
  return result as Widened<T>
}
