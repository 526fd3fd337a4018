import type { Entering, PlayerStatus } from './types.ts'

/** What the page says to the player's runtime, which lives in a worker or, without workers that draw, in the page. */
export type ToRuntime =
  | {
      readonly type: 'open'
      readonly id: number
      readonly url: string
      readonly canvas: OffscreenCanvas | HTMLCanvasElement
      readonly rendition: 'full' | 'thumb'
      /** Whether the page has WebCodecs: it decides, so that both sides agree. */
      readonly webCodecs: boolean
      readonly enter: Entering | undefined
    }
  | { readonly type: 'rendition'; readonly id: number; readonly rendition: 'full' | 'thumb' }
  | { readonly type: 'audio'; readonly id: number; readonly on: boolean }
  | { readonly type: 'motion'; readonly id: number; readonly on: boolean }
  | { readonly type: 'paused'; readonly id: number; readonly paused: boolean }
  /** Nobody sees the page: decode, so that coming back is instant, but do not draw. */
  | { readonly type: 'hidden'; readonly hidden: boolean }
  /** Pictures are drawn this much after their capture, ms, to be in step with the sound; 0 at once. */
  | { readonly type: 'delay'; readonly id: number; readonly delay: number }
  | { readonly type: 'snapshot'; readonly id: number; readonly request: number }
  | { readonly type: 'close'; readonly id: number }

export type FromRuntime =
  | { readonly type: 'status'; readonly id: number; readonly status: PlayerStatus }
  | { readonly type: 'snapshot'; readonly id: number; readonly request: number; readonly blob: Blob | null }
  | {
      readonly type: 'sound'
      readonly id: number
      /** Milliseconds since its capture. */
      readonly age: number
      /** Capture time, µs on the server's clock. */
      readonly time: number
      readonly sampleRate: number
      readonly channels: Float32Array<ArrayBuffer>[]
    }
