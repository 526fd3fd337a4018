import { EXIT_MISSING_PACKAGE, type PreviewAnswer, type PreviewJob } from './messages.ts'

/** The process that makes previews, forked with `{ serialization: 'advanced' }`: a job in, an answer out; ends with its channel. */

/** JPEG quality, 0 to 100: large enough a picture not to be compressed again badly, small enough for messengers (300 KB). */
const QUALITY = 78
/** A picture that fills at least this share of the preview when it is cut to its shape is cut; others stand whole on themselves, blurred. */
const MIN_KEPT = 0.8

// No text is drawn; looking for the system's fonts would only cost memory.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1'
process.once('disconnect', () => process.exit(0))

const canvas = await import('@napi-rs/canvas').catch(() => process.exit(EXIT_MISSING_PACKAGE))

async function draw({ jpeg, width, height }: PreviewJob): Promise<Uint8Array> {
  const image = await canvas.loadImage(jpeg)
  const page = canvas.createCanvas(width, height)
  const context = page.getContext('2d')
  const place = (scale: number) => {
    const [across, down] = [image.width * scale, image.height * scale]
    context.drawImage(image, (width - across) / 2, (height - down) / 2, across, down)
  }
  const [least, most] = [Math.min(width / image.width, height / image.height), Math.max(width / image.width, height / image.height)]
  if (least / most >= MIN_KEPT) place(most)
  else {
    context.filter = 'blur(28px) brightness(0.55)'
    place(most * 1.1)
    context.filter = 'none'
    place(least)
  }
  return page.encode('jpeg', QUALITY)
}

process.on('message', (job: PreviewJob) => {
  const answer = (jpeg: Uint8Array | undefined) => process.send?.({ id: job.id, jpeg } satisfies PreviewAnswer, () => {})
  draw(job).then(answer, () => answer(undefined))
})
