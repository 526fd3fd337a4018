import type { ErrorCode } from '../../shared/protocol/errors.ts'
import type { Rendition } from '../../shared/protocol/frame.ts'
import type { Enter, Shared } from '../../shared/protocol/messages.ts'

/** What a player shows and how well. */
export interface PlayerStatus {
  /**
   * connecting: no answer yet, or the connection was lost and is being made again.
   * waiting: the camera sends, its first picture is on the way. live: pictures come.
   * behind: live, but thinned or smaller because the link is short. offline: nobody feeds the camera.
   * ended: it will not come back (see `error`).
   */
  readonly state: 'connecting' | 'waiting' | 'live' | 'behind' | 'offline' | 'ended'
  /** Since when the camera is offline (or live), ms since the Unix epoch; null while unknown. */
  readonly since: number | null
  /** Milliseconds from capture to drawing of the newest picture; null before the first. */
  readonly age: number | null
  /** Pictures drawn a second. */
  readonly fps: number
  /** Kilobits a second that arrive. */
  readonly kbps: number
  /** Frames lost since the connection began. */
  readonly gaps: number
  readonly width: number
  readonly height: number
  /** WebCodecs codec string or `jpeg`; null before the first picture. */
  readonly codec: string | null
  readonly rendition: Rendition | null
  readonly error: { readonly code: ErrorCode; readonly message: string } | null
  /** Whether the camera sends sound that could be heard. */
  readonly hasAudio: boolean
  /** What the camera is called; null before the server said so. */
  readonly name: string | null
  /** What the shared link shows that it is watched by. */
  readonly share: Omit<Shared, 'type'> | null
  /** How much of the picture moves, 0 to 1; null while it is not measured. */
  readonly motion: number | null
}

/** How a shared link is entered: which of its cameras, its passcode, and whether this viewer was there before. */
export type Entering = Omit<Enter, 'type'>

export interface PlayerOptions {
  /** Address of the viewer's socket: of a camera (`liveUrl`), or of a shared link. */
  readonly url: string
  readonly enter?: Entering
  /** What the picture is put into: the player adds its canvas, and removes it when it is closed. */
  readonly host: HTMLElement
  readonly rendition: 'full' | 'thumb'
  /** Called a few times a second, and at once when the state changes. */
  readonly onStatus: (status: PlayerStatus) => void
}

export interface Player {
  setRendition(rendition: 'full' | 'thumb'): void
  /** Sound is off until somebody turns it on. */
  setAudio(on: boolean): void
  /** Whether it is measured how much of the picture moves. */
  setMotion(on: boolean): void
  /** A paused player keeps its socket and is sent nothing. */
  setPaused(paused: boolean): void
  /** The picture that is shown now, as JPEG. */
  snapshot(): Promise<Blob>
  close(): void
}
