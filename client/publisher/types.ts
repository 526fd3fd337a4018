import type { ErrorCode } from '../../shared/protocol/errors.ts'

/** Why a camera could not be had or shown; each has words of its own in the user interface. */
export type CaptureError =
  /** The page is http and not localhost: browsers give no camera there. */
  | 'insecure'
  /** The user or a policy said no. */
  | 'denied'
  | 'no-device'
  /** Another program has it. */
  | 'busy'
  /** The browser can encode nothing, not even JPEG. */
  | 'no-codec'
  | 'failed'

/** A phone's camera that looks at its user, or away. */
export type Facing = 'user' | 'environment'

export interface PublisherStatus {
  /** starting: asking for the camera. connecting: the server did not answer yet, or the connection was lost. */
  readonly state: 'starting' | 'connecting' | 'live' | 'stopped'
  /** Somebody watches: pictures are being encoded. */
  readonly watched: boolean
  readonly error:
    | { readonly kind: 'capture'; readonly reason: CaptureError; readonly detail: string }
    | { readonly kind: 'server'; readonly code: ErrorCode; readonly message: string }
    | null
  /** Of the picture that is captured. */
  readonly width: number
  readonly height: number
  /** Frames a second and kilobits a second that are sent. */
  readonly fps: number
  readonly kbps: number
  readonly codec: string | null
  readonly microphone: boolean
  readonly devices: readonly MediaDeviceInfo[]
  /** Device ids in use. */
  readonly camera: string | null
}

export interface PublisherOptions {
  readonly camera: string
  /** Replace another publisher of this camera instead of being refused. */
  readonly takeover: boolean
  /** Where it publishes, with the key that lets it; this server's socket of the camera unless told. */
  readonly url?: string
  /** A camera that is open already. */
  readonly stream?: MediaStream
  readonly onStatus: (status: PublisherStatus) => void
}

/** This browser's camera as the publisher of one camera server. */
export interface Publisher {
  /** What the camera sees, for a preview. Null before it was opened. */
  readonly stream: MediaStream | null
  /** Another camera of this device; phones: the other side. */
  setCamera(deviceId: string): Promise<void>
  /** The camera that looks this way. */
  setFacing(facing: Facing): Promise<void>
  setMicrophone(on: boolean): Promise<void>
  /** After `publisher.exists`: connect again and take the camera over. */
  takeOver(): void
  stop(): void
}
