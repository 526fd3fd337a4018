import { clockMs, codeReader } from './code.ts'
import { DRAWS, type Draw } from './draws.ts'

/** Put before the player's worker: says when a picture was drawn on the player's canvas, and how old it was. */
const channel = new BroadcastChannel(DRAWS)
const read = codeReader()
const { prototype } = OffscreenCanvasRenderingContext2D
const original = prototype.drawImage as (this: OffscreenCanvasRenderingContext2D, ...args: unknown[]) => void

prototype.drawImage = function (this: OffscreenCanvasRenderingContext2D, ...args: unknown[]) {
  const at = clockMs()
  original.apply(this, args)
  const [image] = args
  if (!(image instanceof VideoFrame)) return
  const seen = read((context) => original.call(context, image, 0, 0), image.displayWidth, at)
  if (seen) channel.postMessage({ at, age: seen.age } satisfies Draw)
}
