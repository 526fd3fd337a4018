import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus } from 'node:os'

/** Share of one core that others may use while something is measured; more and it is measured again, while there is patience. */
export const MAX_OTHERS = 0.2
/** Milliseconds that the machine must have been quiet. */
const QUIET_MS = 1500

/** Ticks of /proc a second: proc(5), `getconf CLK_TCK`. */
const TICKS = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100

interface Usage {
  readonly parent: number
  /** Seconds of user and system time so far. */
  readonly cpu: number
  /** The same of its children that ended. */
  readonly ended: number
}

/** Fields 4 and 14 to 17 of proc(5)'s stat; undefined when the process is gone. */
function usageOf(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const seconds = (field: number) => Number(fields[field]) / TICKS
    return { parent: Number(fields[1]), cpu: seconds(11) + seconds(12), ended: seconds(13) + seconds(14) }
  } catch {
    return undefined
  }
}

/** Seconds of user and system time that a process used so far. */
export const cpuSeconds = (pid: number): number => usageOf(pid)?.cpu ?? 0

/** Seconds that all cores together were busy so far. */
const busySeconds = () => cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0)

/** Seconds that this process and all below it used so far, those that ended included: their parents inherit their times. */
function ownSeconds(): number {
  const usages = new Map<number, Usage>()
  for (const name of readdirSync('/proc')) {
    const usage = /^\d+$/.test(name) ? usageOf(Number(name)) : undefined
    if (usage) usages.set(Number(name), usage)
  }
  const isOwn = (pid: number): boolean => pid === process.pid || (pid > 1 && isOwn(usages.get(pid)?.parent ?? 0))
  let sum = 0
  for (const [pid, { cpu, ended }] of usages) if (isOwn(pid)) sum += cpu + ended
  return sum
}

/** Begins to watch what other processes take; the returned function says it as a share of one core. NaN where there is no /proc. */
export function watchOthers(): () => number {
  if (process.platform !== 'linux') return () => Number.NaN
  const [busy, own, began] = [busySeconds(), ownSeconds(), performance.now()]
  return () => Math.max(0, busySeconds() - busy - (ownSeconds() - own)) / ((performance.now() - began) / 1000)
}

/** A port that a benchmark holds while it runs: two at once would measure each other. */
const PORT = 48_753
const RETRY_MS = 1000

/** Waits until no other benchmark runs on this machine; from then on, until the process ends, none does. */
export async function alone(): Promise<void> {
  for (let waited = 0; !(await hold()); waited += RETRY_MS) {
    if (waited === 0) console.log('Waiting: another benchmark is running.')
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

function hold(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => resolve(false))
    server.listen(PORT, '127.0.0.1', () => {
      server.unref()
      resolve(true)
    })
  })
}

/** Measures when the machine is quiet, and again when it was not: as long as there is patience. */
export class Quiet {
  #left: number
  readonly #others: number[] = []

  /** @param patience milliseconds that may be spent on waiting and on measuring again */
  constructor(patience: number) {
    this.#left = patience
  }

  async measure<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#wait()
      const began = performance.now()
      const others = watchOthers()
      const result = await task()
      const share = others()
      const took = performance.now() - began
      if (share > MAX_OTHERS && this.#left > took) {
        this.#left -= took
        continue
      }
      this.#others.push(share)
      return result
    }
  }

  /** One line on what other processes took while it was measured. */
  summary(): string {
    const known = this.#others.filter(Number.isFinite)
    if (known.length === 0) return 'What else the machine did is not known.'
    const percent = (share: number) => `${Math.round(share * 100)} %`
    const disturbed = known.filter((share) => share > MAX_OTHERS).length
    const mean = known.reduce((sum, share) => sum + share, 0) / known.length
    return `Other processes took ${percent(mean)} of a core on average, ${percent(Math.max(...known))} at worst; ${disturbed} of ${known.length} measurements were disturbed (over ${percent(MAX_OTHERS)}).`
  }

  async #wait(): Promise<void> {
    while (this.#left > 0) {
      const others = watchOthers()
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
      if (!(others() > MAX_OTHERS)) return
      this.#left -= QUIET_MS
    }
  }
}
