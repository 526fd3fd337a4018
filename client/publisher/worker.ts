import type { FromPublisherRuntime, ToPublisherRuntime } from './runtime-messages.ts'
import { PublisherSession } from './session.ts'

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToPublisherRuntime>) => void) | null
  postMessage(message: FromPublisherRuntime): void
  readonly MediaStreamTrackProcessor?: new (options: {
    track: MediaStreamTrack
    maxBufferSize?: number
  }) => { readable: ReadableStream<VideoFrame> }
}
const scope = globalThis as unknown as WorkerScope

let session: PublisherSession | undefined
let reader: ReadableStreamDefaultReader<VideoFrame> | undefined

/** A worker goes on in a hidden tab, where the page's timers and animation frames do not. */
async function read(stream: ReadableStream<VideoFrame>): Promise<void> {
  await reader?.cancel().catch(() => {})
  const mine = stream.getReader()
  reader = mine
  session?.restartVideo()
  for (;;) {
    const { value: frame, done } = await mine.read().catch(() => ({ value: undefined, done: true }))
    if (done || !frame) return
    if (mine === reader && session) session.capture(frame)
    else frame.close()
  }
}

function setVideo(source: ReadableStream<VideoFrame> | MediaStreamTrack | null): void {
  if (source === null) {
    session?.restartVideo()
    return
  }
  if (source instanceof ReadableStream) void read(source)
  else if (scope.MediaStreamTrackProcessor) void read(new scope.MediaStreamTrackProcessor({ track: source, maxBufferSize: 2 }).readable)
  else scope.postMessage({ type: 'no-processor' })
}

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case 'open':
      session = new PublisherSession({ ...message, onStatus: (status) => scope.postMessage({ type: 'status', status }) })
      return
    case 'video':
      return setVideo(message.source)
    case 'frame':
      return session ? session.capture(message.frame) : message.frame.close()
    case 'audio':
      return session?.setMicrophone(message.source)
    case 'takeover':
      return session?.takeOver()
    case 'close':
      void reader?.cancel().catch(() => {})
      session?.close()
      session = undefined
  }
}
