import { createStore } from 'zustand/vanilla'
import type { Call } from '../../shared/client/call.ts'
import type { InputOf, OutputOf, ProcedureName } from '../../shared/contract/index.ts'
import type { Stage } from '../../shared/model/stage.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import { type Reaction, ToProjector } from '../../shared/protocol/stage.ts'
import type { Notices } from '../state/notices.ts'
import { wordsFor } from '../state/texts.ts'
import type { connect, Socket } from '../transport/socket.ts'

/** Bytes of one message: a stage of eighty. */
const MAX_STAGE_BYTES = 256 * 1024
/** Reactions in flight; the oldest make room. */
const MAX_REACTIONS = 40

export interface FlyingReaction {
  readonly n: number
  readonly participant: string
  readonly reaction: Reaction
}

export interface ProjectorState {
  /** ended: by the host, its time, or a restart of the server. failed: it could not be opened. */
  readonly phase: 'opening' | 'open' | 'ended' | 'failed'
  readonly stage: Stage | null
  /** The connection was lost and is being made again. */
  readonly lost: boolean
  /** Why it failed. */
  readonly error: unknown
  readonly reactions: readonly FlyingReaction[]
}

export interface ProjectorOptions {
  readonly call: Call
  readonly connect: typeof connect
  readonly url: (path: string) => string
  readonly notices: Pick<Notices, 'add'>
}

const initial: ProjectorState = { phase: 'opening', stage: null, lost: false, error: null, reactions: [] }

export type Projector = ReturnType<typeof createProjector>

/** The stage that this page shows, and what its host does to it. */
export function createProjector({ call, connect, url, notices }: ProjectorOptions) {
  const store = createStore<ProjectorState>(() => initial)
  let socket: Socket | undefined
  let reactions = 0
  let closed = false

  const hear = (text: string) => {
    const parsed = parseMessage(ToProjector, text, MAX_STAGE_BYTES)
    // A server newer than this page; a fresh page knows what it says.
    if (!parsed.ok) return console.warn('porthole: stage:', parsed.detail)
    const message = parsed.value
    if (message.type === 'stage') store.setState({ phase: 'open', stage: message.stage, lost: false })
    else if (message.type === 'reaction') {
      const { participant, reaction } = message
      const flying = { n: reactions++, participant, reaction }
      store.setState(({ reactions: before }) => ({ reactions: [...before, flying].slice(-MAX_REACTIONS) }))
    }
  }

  const follow = (id: string) => {
    socket?.close()
    socket = connect({
      url: url(`/ws/stage/${id}`),
      onText: hear,
      onDown({ code, retry }) {
        if (retry) return store.setState({ lost: true })
        if (code !== 'auth.revoked') store.setState({ ...initial, phase: 'ended' })
      },
    })
  }

  /** Asks for something the host wants; what fails is told. */
  const ask = async <N extends ProcedureName>(name: N, input: InputOf<N>): Promise<OutputOf<N> | undefined> => {
    try {
      return await call(name, input)
    } catch (error) {
      notices.add({ kind: 'error', text: wordsFor(error) })
      return undefined
    }
  }
  const id = () => store.getState().stage?.id ?? ''

  return {
    store,
    /** Opens the user's stage, or the one that is open already. */
    async open(): Promise<void> {
      closed = false
      store.setState(initial)
      try {
        const stage = await call('porthole.stage.open', {})
        if (closed) return
        store.setState({ phase: 'open', stage })
        follow(stage.id)
      } catch (error) {
        if (!closed) store.setState({ phase: 'failed', error })
      }
    },
    async update(change: Omit<InputOf<'porthole.stage.update'>, 'stage'>): Promise<void> {
      // What was pressed shows at once; the server's word follows.
      const before = store.getState().stage
      store.setState({ stage: before && { ...before, ...change } })
      if (!(await ask('porthole.stage.update', { stage: id(), ...change }))) store.setState({ stage: before })
    },
    admit: (participant: string) => ask('porthole.stage.admit', { stage: id(), participant }),
    mute: (participant: string, muted: boolean) => ask('porthole.stage.mute', { stage: id(), participant, muted }),
    remove: (participant: string) => ask('porthole.stage.remove', { stage: id(), participant }),
    /** @throws ApiError, NetworkError */
    end: () => call('porthole.stage.close', { stage: id() }),
    /** A reaction has flown out of sight. */
    landed: (n: number) => store.setState(({ reactions: before }) => ({ reactions: before.filter((reaction) => reaction.n !== n) })),
    /** The page goes; the stage stays. */
    close(): void {
      closed = true
      socket?.close()
      socket = undefined
    },
  }
}
