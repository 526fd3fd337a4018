import { createStore } from 'zustand/vanilla'
import type { ErrorCode } from '../../../shared/protocol/errors.ts'
import { parseMessage } from '../../../shared/protocol/parse.ts'
import { type FromPhone, type Reaction, ToPhone } from '../../../shared/protocol/stage.ts'
import { CaptureFailure } from '../../publisher/capture.ts'
import type { CaptureError, Facing, Publisher, PublisherOptions, PublisherStatus } from '../../publisher/types.ts'
import type { KeyValue } from '../../state/storage.ts'
import type { connect, Socket } from '../../transport/socket.ts'

/** Where a reload finds its seat, in the tab's storage. */
const SEAT_KEY = 'porthole.seat'

export interface JoinState {
  /** form: nothing was pressed yet. starting: the camera or the server is waited for. over: see `why`. */
  readonly phase: 'form' | 'starting' | 'waiting' | 'on' | 'over'
  /** Why it is over; `left` by the phone's own wish. */
  readonly why: ErrorCode | 'left' | null
  /** Why there is no camera. */
  readonly capture: CaptureError | null
  /** The connection was lost and is being made again. */
  readonly lost: boolean
  readonly stream: MediaStream | null
  readonly facing: Facing
  readonly muted: boolean
  readonly spotlight: boolean
  readonly publishing: PublisherStatus | null
}

export interface JoinOptions {
  readonly connect: typeof connect
  /** Address of a socket of this server. */
  readonly url: (path: string) => string
  readonly openCamera: (wish: { facing: Facing }) => Promise<MediaStream>
  readonly createPublisher: (options: PublisherOptions) => Publisher
  readonly tabStorage: KeyValue
}

const initial: JoinState = {
  phase: 'form',
  why: null,
  capture: null,
  lost: false,
  stream: null,
  facing: 'user',
  muted: false,
  spotlight: false,
  publishing: null,
}

export type Join = ReturnType<typeof createJoin>

/** This phone on a stage: its seat, and the camera that it feeds. */
export function createJoin(code: string, { connect, url, openCamera, createPublisher, tabStorage }: JoinOptions) {
  const store = createStore<JoinState>(() => initial)
  const set = (change: Partial<JoinState>) => store.setState(change)
  let socket: Socket | undefined
  /** What is said whenever the connection is made. */
  let wish: { name: string; resume?: string } | undefined
  let seat: { readonly camera: string; readonly key: string } | undefined
  let publisher: { readonly camera: string; readonly feed: Publisher } | undefined
  /** Grows with each start and end: a camera that comes late is let go of. */
  let turn = 0

  const say = (message: FromPhone) => socket?.send(JSON.stringify(message))
  const stopCamera = () => {
    turn++
    publisher?.feed.stop()
    publisher = undefined
    for (const track of store.getState().stream?.getTracks() ?? []) track.stop()
    set({ stream: null, publishing: null })
  }
  const over = (why: JoinState['why']) => {
    wish = undefined
    seat = undefined
    tabStorage.removeItem(SEAT_KEY)
    stopCamera()
    set({ ...initial, facing: store.getState().facing, phase: 'over', why })
  }

  /** Feeds the seat's camera once there is both, and another one when the seat is another. */
  const feed = () => {
    const { stream } = store.getState()
    if (!seat || !stream || publisher?.camera === seat.camera) return
    const { camera, key } = seat
    publisher?.feed.stop()
    const mine = turn
    const made = createPublisher({
      camera,
      // Its own earlier connection may still be open.
      takeover: true,
      url: url(`/ws/publish/${camera}?key=${key}`),
      stream,
      onStatus: (publishing) => {
        if (mine !== turn || seat?.camera !== camera) return
        const { error } = publishing
        set({ publishing, ...(error?.kind === 'capture' && publishing.state === 'stopped' ? { capture: error.reason } : {}) })
      },
    })
    publisher = { camera, feed: made }
  }

  const hear = (text: string) => {
    const parsed = parseMessage(ToPhone, text)
    if (!parsed.ok) return over('message.invalid')
    const message = parsed.value
    if (message.type === 'error') return
    set({ lost: false })
    if (message.type === 'update') {
      const { muted, spotlight } = message
      if (muted) void publisher?.feed.setMicrophone(false)
      return set({ muted, spotlight })
    }
    if (wish) {
      wish = { ...wish, resume: message.resume }
      tabStorage.setItem(SEAT_KEY, JSON.stringify(wish))
    }
    if (message.type === 'waiting') return set({ phase: 'waiting' })
    seat = { camera: message.camera, key: message.key }
    set({ phase: 'on', muted: message.muted, spotlight: message.spotlight })
    feed()
  }

  const open = () => {
    socket ??= connect({
      url: url(`/ws/join/${encodeURIComponent(code)}`),
      onOpen: () => {
        set({ lost: false })
        if (wish) say({ type: 'join', ...wish })
      },
      onText: hear,
      onDown({ code, retry }) {
        if (store.getState().phase === 'over') return
        if (retry && code !== 'request.rate' && code !== 'request.timeout') return set({ lost: true })
        socket?.close()
        socket = undefined
        over(code ?? 'server.internal')
      },
    })
  }

  const start = async (name: string, resume?: string): Promise<void> => {
    const mine = ++turn
    set({ phase: 'starting', why: null, capture: null })
    wish = { name, ...(resume && { resume }) }
    // A seat that waits for its phone does not wait for long; a new one is taken when there is a camera for it.
    if (resume !== undefined) open()
    try {
      const stream = store.getState().stream ?? (await openCamera({ facing: store.getState().facing }))
      if (mine !== turn) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      set({ stream })
    } catch (error) {
      if (mine !== turn) return
      const capture = error instanceof CaptureFailure ? error.reason : 'failed'
      wish = undefined
      if (resume === undefined) return set({ phase: 'form', capture })
      say({ type: 'leave' })
      over('left')
      return set({ phase: 'form', capture })
    }
    if (resume !== undefined) return feed()
    if (socket) say({ type: 'join', name })
    else open()
  }

  return {
    store,
    /** After a load of the page: asks whether the code is good, or takes the tab's seat again. */
    begin(): void {
      const kept = savedSeat(tabStorage)
      if (kept) void start(kept.name, kept.resume)
      else open()
    },
    /** Asks for the camera, then for a seat. */
    join: (name: string) => start(name),
    react: (reaction: Reaction) => say({ type: 'react', reaction }),
    leave(): void {
      say({ type: 'leave' })
      socket?.close()
      socket = undefined
      over('left')
    },
    /** After it was over: as if the page were new. */
    again(): void {
      set({ ...initial, facing: store.getState().facing })
      open()
    },
    async flip(): Promise<void> {
      const { facing: before, stream } = store.getState()
      const facing = before === 'user' ? 'environment' : 'user'
      if (publisher) {
        await publisher.feed.setFacing(facing)
        return set({ facing, stream: publisher?.feed.stream ?? null })
      }
      for (const track of stream?.getTracks() ?? []) track.stop()
      const mine = turn
      try {
        const another = await openCamera({ facing })
        if (mine === turn) set({ facing, stream: another })
      } catch (error) {
        set({ stream: null, capture: error instanceof CaptureFailure ? error.reason : 'failed' })
      }
      feed()
    },
    async setMicrophone(on: boolean): Promise<void> {
      await publisher?.feed.setMicrophone(on && !store.getState().muted)
    },
  }
}

function savedSeat(storage: KeyValue): { readonly name: string; readonly resume: string } | undefined {
  try {
    const { name, resume } = JSON.parse(storage.getItem(SEAT_KEY) ?? 'null')
    return typeof name === 'string' && typeof resume === 'string' ? { name, resume } : undefined
  } catch {
    return undefined
  }
}
