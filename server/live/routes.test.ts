import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { microsSpan } from '../../shared/units/time.ts'
import { PortholeError } from '../base/errors.ts'
import { Bus } from '../bus/bus.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakePublisher } from '../testing/reader.ts'
import { liveRoutes } from './routes.ts'

const PICTURE_BYTES = 100_000
/** More than the kernel keeps for two ends of a connection. */
const PICTURES = 400
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The bodies of a multipart/x-mixed-replace stream, by their lengths. */
function partsOf(stream: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const head = stream.indexOf('Content-Length: ', at)
    if (head < 0) return parts
    const length = Number(/^\d+/.exec(stream.toString('latin1', head + 16, head + 32))?.[0])
    const body = stream.indexOf('\r\n\r\n', head) + 4
    parts.push(stream.subarray(body, body + length))
    at = body + length
  }
}

test('who reads a motion JPEG slowly is kept from filling memory, and gets whole pictures', async () => {
  const clock = new FakeClock()
  const bus = new Bus(clock)
  const channel = bus.open('cam')
  new FakePublisher(channel, clock).attach()
  channel.configure({ type: 'config', epoch: 1, kind: 'picture', rendition: 'picture', codec: 'jpeg', width: 64, height: 36 })
  const send = (fill: number) =>
    channel.publish(
      {
        kind: 'picture',
        key: true,
        layer: 0,
        rendition: 'picture',
        epoch: 1,
        sequence: fill,
        time: clock.now(),
        duration: microsSpan(125_000),
      },
      new Uint8Array(PICTURE_BYTES).fill(fill % 251),
    )
  const app = fastify()
  app.register(liveRoutes(bus, clock, async () => {}))
  let served: Socket | undefined
  app.server.on('connection', (socket) => {
    served = socket
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  try {
    // 1.0 has no chunks, which would stand between the parts' bytes.
    client.write('GET /live/cam.mjpeg HTTP/1.0\r\nHost: localhost\r\n\r\n')
    const [head] = (await once(client, 'data')) as [Buffer]
    client.pause()
    while (channel.viewers === 0) await turn()
    let most = 0
    for (let i = 0; i < PICTURES; i++) {
      send(i)
      await turn()
      most = Math.max(most, served?.writableLength ?? 0)
    }
    // A picture goes in while less than 128 KiB wait.
    expect(most).toBeGreaterThan(PICTURE_BYTES)
    expect(most).toBeLessThan(128 * 1024 + PICTURE_BYTES + 1024)
    channel.end(new PortholeError('camera.deleted'))
    const rest = [head]
    client.on('data', (bytes: Buffer) => rest.push(bytes))
    client.resume()
    await once(client, 'end')
    const parts = partsOf(Buffer.concat(rest))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.length).toBeLessThan(PICTURES)
    expect(parts.every((part) => part.byteLength === PICTURE_BYTES && part.every((byte) => byte === part[0]))).toBe(true)
  } finally {
    client.destroy()
    await app.close()
  }
})
