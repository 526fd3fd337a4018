import { loadCodecs } from './encoders.ts'

/**
 * The demo camera's process, forked with `{ serialization: 'advanced' }`: it speaks the publisher's side of the protocol
 * over its IPC channel, strings as text messages and bytes as binary ones, and ends with the channel.
 *
 * Exit codes: 0 the channel closed or SIGTERM came; 1 the encoder or the protocol failed; 3 the drawing package is missing.
 */
const EXIT_FAILED = 1
const EXIT_MISSING_PACKAGE = 3

function leave(code: number, reason?: string): never {
  if (reason !== undefined) process.stderr.write(`${reason.split('\n', 1)[0]}\n`)
  process.exit(code)
}

async function loadCamera(): Promise<typeof import('./camera.ts').DemoCamera> {
  try {
    return (await import('./camera.ts')).DemoCamera
  } catch (error) {
    return leave(EXIT_MISSING_PACKAGE, `the drawing package cannot be loaded: ${(error as Error).message}`)
  }
}

// The scene uses no font; looking for the system's would only cost memory.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1'
process.once('disconnect', () => leave(0))
process.once('SIGTERM', () => leave(0))
if (!process.connected) leave(EXIT_FAILED, 'the demo camera is started by Porthole, not by hand')

const DemoCamera = await loadCamera()
const camera = new DemoCamera(
  await loadCodecs(),
  (message) => {
    if (process.connected) process.send?.(message, () => {})
  },
  (error) => leave(EXIT_FAILED, error.message),
)
process.on('message', (message) => {
  if (typeof message === 'string' || message instanceof Uint8Array) camera.receive(message)
})
