import type { CaptureError, Facing } from './types.ts'

/** Why a camera or microphone could not be had, in the words of the table of texts. */
export class CaptureFailure extends Error {
  readonly reason: CaptureError
  constructor(reason: CaptureError, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** What is asked of a camera; it gives what it can. */
const VIDEO: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } }
const AUDIO: MediaTrackConstraints = { channelCount: { ideal: 1 }, echoCancellation: true, noiseSuppression: true }

/** @param wish one device, or the one that looks that way where there are two. @throws CaptureFailure */
export const openCamera = ({ device, facing = 'environment' }: { device?: string; facing?: Facing } = {}): Promise<MediaStream> =>
  open({ video: device ? { ...VIDEO, deviceId: { exact: device } } : { ...VIDEO, facingMode: { ideal: facing } } })

/** @throws CaptureFailure */
export const openMicrophone = (): Promise<MediaStream> => open({ audio: AUDIO })

async function open(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Browsers hide mediaDevices from pages that are neither https nor localhost.
  if (!globalThis.isSecureContext || !navigator.mediaDevices) throw new CaptureFailure('insecure', location.origin)
  try {
    return await navigator.mediaDevices.getUserMedia(constraints)
  } catch (error) {
    const { name, message } = error as DOMException
    throw new CaptureFailure(REASONS[name] ?? 'failed', message || name)
  }
}

/** Names of getUserMedia's exceptions (W3C Media Capture and Streams §10.3.1). */
const REASONS: Record<string, CaptureError> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'no-device',
  OverconstrainedError: 'no-device',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

/** Cameras of this device. Their names are known once one was allowed. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
}

interface Processor<T> {
  readonly readable: ReadableStream<T>
}
type ProcessorConstructor = new <T>(options: { track: MediaStreamTrack; maxBufferSize?: number }) => Processor<T>

/** The page's MediaStreamTrackProcessor: Chromium's. Safari has it in workers only, Firefox not at all. */
const Processor = (): ProcessorConstructor | undefined =>
  (globalThis as { MediaStreamTrackProcessor?: ProcessorConstructor }).MediaStreamTrackProcessor

/** A track's frames as a stream that a worker can read, where the page can make one. */
export function frameStream<T>(track: MediaStreamTrack): ReadableStream<T> | undefined {
  const Constructor = Processor()
  return Constructor && new Constructor<T>({ track, maxBufferSize: 2 }).readable
}

/** Pictures a second when frames are taken from a video element by a timer. */
const TIMER_FPS = 8

/**
 * Frames of a track by a hidden video element, where there is no processor: each by requestVideoFrameCallback while the
 * page is seen, by a timer while it is hidden (browsers slow that down to one a second) or without WebCodecs.
 * @returns stops it
 */
export function pumpElement(stream: MediaStream, webCodecs: boolean, onFrame: (frame: VideoFrame | ImageBitmap) => void): () => void {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = stream
  // A video that is in no document is given frames at a pace of its own, or none.
  Object.assign(video.style, { position: 'fixed', width: '2px', height: '2px', opacity: '0.01', pointerEvents: 'none' })
  video.setAttribute('aria-hidden', 'true')
  document.body.append(video)
  void video.play().catch(() => {})
  let stopped = false
  let lastFrame = 0
  const take = async () => {
    if (stopped || video.videoWidth === 0) return
    lastFrame = performance.now()
    // Firefox stamps frames of a video element in whole seconds.
    if (webCodecs) onFrame(new VideoFrame(video, { timestamp: Math.round(lastFrame * 1000) }))
    else onFrame(await createImageBitmap(video))
  }
  if (webCodecs && 'requestVideoFrameCallback' in video) {
    const next = () => {
      if (stopped) return
      void take()
      video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
  }
  const timer = setInterval(() => {
    if (performance.now() - lastFrame > 900 / TIMER_FPS) void take()
  }, 1000 / TIMER_FPS)
  return () => {
    stopped = true
    clearInterval(timer)
    video.srcObject = null
    video.remove()
  }
}
