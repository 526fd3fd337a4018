import type { ErrorCode } from '../../shared/protocol/errors.ts'

/** What the page says to the publisher's worker. */
export type ToPublisherRuntime =
  | {
      readonly type: 'open'
      readonly url: string
      readonly takeover: boolean
      readonly instance: string
      /** Whether the page has WebCodecs' encoder. */
      readonly webCodecs: boolean
    }
  /** Another camera, or the first: a stream of frames, a track to make one of, or `null`: frames come by `frame`. */
  | { readonly type: 'video'; readonly source: ReadableStream<VideoFrame> | MediaStreamTrack | null }
  | { readonly type: 'frame'; readonly frame: VideoFrame | ImageBitmap }
  | { readonly type: 'audio'; readonly source: ReadableStream<AudioData> | null }
  | { readonly type: 'takeover' }
  | { readonly type: 'close' }

export interface RuntimeStatus {
  readonly connected: boolean
  readonly watched: boolean
  readonly ended: { readonly code: ErrorCode; readonly message: string } | null
  readonly fps: number
  readonly kbps: number
  readonly codec: string | null
  readonly width: number
  readonly height: number
}

export type FromPublisherRuntime =
  | { readonly type: 'status'; readonly status: RuntimeStatus }
  /** Frames cannot be had from the track in a worker here: send them by `frame`. */
  | { readonly type: 'no-processor' }
