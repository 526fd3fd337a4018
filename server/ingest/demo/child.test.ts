import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeAck } from '../../../shared/protocol/ack.ts'
import { decodeHeader, type FrameHeader, HEADER_BYTES } from '../../../shared/protocol/frame.ts'
import { FromPublisher, type ToPublisher } from '../../../shared/protocol/messages.ts'
import { parseMessage } from '../../../shared/protocol/parse.ts'
import { codecString } from './encoders.ts'

const DEADLINE_MS = 20_000
const NOTHING = { full: null, thumb: null, picture: false }

type Text = Extract<FromPublisher, { type: string }>
type Got = { readonly text: Text } | { readonly header: FrameHeader; readonly payload: Uint8Array }
type Frame = Extract<Got, { header: FrameHeader }>
type Config = Extract<Text, { type: 'config' }>

const isFrame = (got: Got): got is Frame => 'header' in got
const isConfig = (got: Got): got is { text: Config } => 'text' in got && got.text.type === 'config'

/** The parent's side: checks each message as the server would, and acknowledges frames at once. */
class Parent {
  readonly child: ChildProcess
  readonly got: Got[] = []
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  stderr = ''
  readonly #waiting = new Set<() => void>()
  #failure: Error | undefined

  constructor(execArgv: readonly string[] = []) {
    this.child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: ['--import', 'tsx', ...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const stderr = this.child.stderr as Readable
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    // Not 'close': that never comes when it was the parent who disconnected.
    this.exited = Promise.all([once(this.child, 'exit'), once(stderr, 'end')]).then(([[code, signal]]) => {
      this.#failure ??= new Error(`the child ended with ${code ?? signal}: ${this.stderr}`)
      this.#changed()
      return { code, signal }
    })
    this.child.on('message', (message) => {
      this.#take(message)
      this.#changed()
    })
  }

  tell(message: ToPublisher): void {
    this.child.send(JSON.stringify(message))
  }

  demand(what: { full?: number | null; thumb?: number | null; picture?: boolean }): void {
    this.tell({ type: 'demand', ...NOTHING, audio: false, ...what })
  }

  /** What `pick` returns as soon as it returns anything. */
  async until<T>(what: string, pick: () => T | undefined): Promise<T> {
    const end = performance.now() + DEADLINE_MS
    for (;;) {
      const found = pick()
      if (found !== undefined) return found
      if (this.#failure) throw this.#failure
      if (performance.now() > end) throw new Error(`no ${what} in ${DEADLINE_MS} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - performance.now() + 1)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  #changed(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  published(): Promise<Text> {
    return this.until('publish', () => this.got.flatMap((got) => ('text' in got ? [got.text] : []))[0])
  }

  /** The first `count` frames of a rendition that were got at or after the message at `from`. */
  frames(rendition: string, count: number, from = 0): Promise<Frame[]> {
    return this.until(`${count} frames of ${rendition}`, () => {
      const found = this.got.slice(from).filter((got): got is Frame => isFrame(got) && got.header.rendition === rendition)
      return found.length >= count ? found.slice(0, count) : undefined
    })
  }

  configs(rendition: string): Config[] {
    return this.got.filter(isConfig).flatMap(({ text }) => (text.rendition === rendition ? [text] : []))
  }

  #take(message: unknown): void {
    if (typeof message === 'string') {
      const parsed = parseMessage(FromPublisher, message)
      if (parsed.ok) this.got.push({ text: parsed.value })
      else this.#failure = new Error(parsed.detail)
      return
    }
    const bytes = message as Uint8Array
    const decoded = decodeHeader(bytes)
    if (!decoded.ok) {
      this.#failure = new Error(decoded.detail)
      return
    }
    this.got.push({ header: decoded.value, payload: bytes.subarray(HEADER_BYTES) })
    if (this.child.connected)
      this.child.send(encodeAck({ sequence: decoded.value.sequence, held: 0, age: 0, skipped: 0, late: 0 }), () => {})
  }
}

let parents: Parent[] = []
const start = (execArgv?: readonly string[]) => {
  const parent = new Parent(execArgv)
  parents.push(parent)
  return parent
}

afterEach(async () => {
  for (const { child } of parents) child.kill('SIGKILL')
  await Promise.all(parents.map((parent) => parent.exited))
  parents = []
})

const ascending = (values: readonly number[]) => values.every((value, index) => index === 0 || value > (values[index - 1] as number))
const notFalling = (values: readonly number[]) => values.every((value, index) => index === 0 || value >= (values[index - 1] as number))

/** An `--import` that makes a package look as if it were not installed. */
function without(name: string): string[] {
  const hook = `export const resolve = (at, context, next) => { if (at === '${name}') throw new Error('not installed'); return next(at, context) }`
  const address = JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)
  const main = `import { register } from 'node:module'; register(${address})`
  return ['--import', `data:text/javascript,${encodeURIComponent(main)}`]
}

describe('demo camera process', { timeout: DEADLINE_MS * 2 }, () => {
  it('publishes, then says nothing until something is demanded', async () => {
    const parent = start()
    expect(await parent.published()).toMatchObject({
      type: 'publish',
      renditions: { full: true, thumb: true, picture: true },
      audio: false,
      takeover: true,
    })
    parent.tell({ type: 'ready', camera: 'azalea' })
    parent.demand(NOTHING)
    parent.demand({ picture: true })
    await parent.frames('picture', 1)
    expect(parent.got.map((got) => (isFrame(got) ? got.header.rendition : got.text.type))).toEqual(['publish', 'config', 'picture'])
  })

  it('sends full as a configuration, a key frame and deltas, and a key frame when asked', async () => {
    const parent = start()
    await parent.published()
    parent.tell({ type: 'ready', camera: 'azalea' })
    const before = (performance.timeOrigin + performance.now()) * 1000
    parent.demand({ full: 2 })
    const frames = await parent.frames('full', 6)
    expect(isConfig(parent.got[1] as Got)).toBe(true)
    const [config] = parent.configs('full')
    expect(config).toMatchObject({
      kind: 'video',
      width: 640,
      height: 360,
      layers: 1,
      codec: codecString(frames[0]?.payload as Uint8Array),
    })
    expect(frames.map(({ header }) => header.key)).toEqual([true, false, false, false, false, false])
    expect(frames.every(({ header }) => header.kind === 'video' && header.epoch === config?.epoch && header.layer === 0)).toBe(true)
    expect(ascending(frames.map(({ header }) => header.sequence))).toBe(true)
    expect(ascending(frames.map(({ header }) => header.time))).toBe(true)
    const now = (performance.timeOrigin + performance.now()) * 1000
    // Two processes read the machine's clock a little differently.
    for (const { header } of frames) {
      expect(header.time).toBeGreaterThan(before - 50_000)
      expect(header.time).toBeLessThan(now + 50_000)
    }

    const asked = parent.got.length
    parent.tell({ type: 'key', rendition: 'full' })
    await parent.until('a key frame', () => parent.got.slice(asked).find((got) => isFrame(got) && got.header.key))
    expect(parent.configs('full')).toHaveLength(1)
  })

  it('sends both video renditions in the order of their capture, each with an epoch of its own', async () => {
    const parent = start()
    await parent.published()
    parent.demand({ full: 0, thumb: 0 })
    await Promise.all([parent.frames('full', 5), parent.frames('thumb', 5)])
    const frames = parent.got.filter(isFrame)
    expect(ascending(frames.map(({ header }) => header.sequence))).toBe(true)
    expect(notFalling(frames.map(({ header }) => header.time))).toBe(true)
    const [full] = parent.configs('full')
    const [thumb] = parent.configs('thumb')
    expect(thumb).toMatchObject({ width: 320, height: 180 })
    expect(full?.epoch).not.toBe(thumb?.epoch)
  })

  it('ends the video when nobody demands it and begins a new epoch when somebody does again', async () => {
    const parent = start()
    await parent.published()
    parent.demand({ full: 0 })
    await parent.frames('full', 3)
    parent.demand(NOTHING)
    parent.demand({ picture: true })
    await parent.frames('picture', 3)
    const picture = parent.got.findIndex((got) => isConfig(got) && got.text.kind === 'picture')
    expect(parent.got.slice(picture).some((got) => isFrame(got) && got.header.rendition === 'full')).toBe(false)

    const again = parent.got.length
    parent.demand({ full: 0 })
    const [first] = await parent.frames('full', 1, again)
    const [old, renewed] = parent.configs('full')
    expect(renewed?.epoch).toBeGreaterThan(old?.epoch as number)
    expect(first?.header).toMatchObject({ key: true, epoch: renewed?.epoch })
  })

  it('sends pictures as JPEG, the configuration once', async () => {
    const parent = start()
    await parent.published()
    parent.demand({ picture: true })
    const frames = await parent.frames('picture', 3)
    for (const { header, payload } of frames) {
      expect(header).toMatchObject({ kind: 'picture', key: true, layer: 0 })
      expect([...payload.subarray(0, 2)]).toEqual([0xff, 0xd8])
      expect([...payload.subarray(-2)]).toEqual([0xff, 0xd9])
    }
    expect(parent.configs('picture')).toMatchObject([{ kind: 'picture', codec: 'jpeg', width: 640, height: 360 }])
  })

  it.each(['disconnect', 'SIGTERM'] as const)('ends on %s while it encodes', async (how) => {
    const parent = start()
    await parent.published()
    parent.demand({ full: 0, thumb: 0 })
    await parent.frames('full', 2)
    if (how === 'disconnect') parent.child.disconnect()
    else parent.child.kill(how)
    expect(await parent.exited).toEqual({ code: 0, signal: null })
  })

  it('ends with 1 and the reason when it is told nonsense', async () => {
    const told = start()
    await told.published()
    told.child.send('{"type":"demand"}')
    expect(await told.exited).toEqual({ code: 1, signal: null })
    expect(told.stderr).toMatch(/^message\.invalid: /)
  })

  it('offers pictures only without the codec package', async () => {
    const parent = start(without('@napi-rs/webcodecs'))
    expect(await parent.published()).toMatchObject({ renditions: { full: false, thumb: false, picture: true } })
    parent.demand({ full: 0, thumb: 0, picture: true })
    await parent.frames('picture', 2)
    expect(parent.got.filter(isFrame).every(({ header }) => header.rendition === 'picture')).toBe(true)
  })

  it('ends with 3 and one line without the drawing package', async () => {
    const parent = start(without('@napi-rs/canvas'))
    expect(await parent.exited).toEqual({ code: 3, signal: null })
    expect(parent.stderr).toBe('the drawing package cannot be loaded: not installed\n')
  })
})

describe('codecString', () => {
  const unit = (...bytes: number[]) => codecString(Uint8Array.from(bytes))

  it('reads profile, constraints and level behind any start code', () => {
    expect(unit(0, 0, 0, 1, 0x67, 0x64, 0x00, 0x16, 0xac)).toBe('avc1.640016')
    expect(unit(0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x27, 0x42, 0xe0, 0x1f)).toBe('avc1.42e01f')
  })

  it('says nothing of a unit without parameter sets, or with one cut off', () => {
    expect(unit(0, 0, 0, 1, 0x41, 0x9a, 0x00, 0x16, 0xac)).toBeUndefined()
    expect(unit(0, 0, 1, 0x67, 0x64, 0x00)).toBeUndefined()
    expect(unit()).toBeUndefined()
  })
})
