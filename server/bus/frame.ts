import { encodeHeader, type FrameHeader, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { type Micros, microsSpan } from '../../shared/units/time.ts'
import { FIN_BINARY, headBytes, writeHead } from '../base/websocket-frame.ts'

/** A frame on the bus: its header, and its bytes once for everybody. */
export interface Frame extends FrameHeader {
  readonly track: TrackName
  /** A whole WebSocket message, header of RFC 6455 §5.2 included. Shared by all viewers: never change it. */
  readonly wire: Buffer
  /** The encoded picture or packet, a part of `wire`. */
  readonly payload: Buffer
}

/** A camera's tracks: one a rendition, and the audio. */
export const TRACKS = ['full', 'thumb', 'picture', 'audio'] as const
export type TrackName = (typeof TRACKS)[number]

export const trackOf = (header: Pick<FrameHeader, 'kind' | 'rendition'>): TrackName =>
  header.kind === 'audio' ? 'audio' : header.rendition

/**
 * Makes the bus's frame from a publisher's message: the payload is copied once, behind the new header and the
 * WebSocket's own, so that one write sends it.
 */
export function makeFrame(header: FrameHeader, payload: Uint8Array): Frame {
  const head = headBytes(HEADER_BYTES + payload.byteLength)
  const wire = Buffer.allocUnsafe(head + HEADER_BYTES + payload.byteLength)
  writeHead(wire, FIN_BINARY, HEADER_BYTES + payload.byteLength)
  encodeHeader(header, wire.subarray(head))
  wire.set(payload, head + HEADER_BYTES)
  return { ...header, track: trackOf(header), wire, payload: wire.subarray(head + HEADER_BYTES) }
}

/** A WebSocket message of `bytes` zeros that the viewer throws away: it measures the link. */
export function makePadding(sequence: number, time: Micros, bytes: number): Buffer {
  const nothing = microsSpan(0)
  return makeFrame(
    { kind: 'padding', key: false, layer: 0, rendition: 'full', epoch: 0, sequence, time, duration: nothing, delay: nothing },
    Buffer.alloc(Math.max(0, bytes - HEADER_BYTES)),
  ).wire
}
