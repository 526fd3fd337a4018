import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { closePages, lookAt, openDashboard } from './support/pages.ts'
import { startServer } from './support/server.ts'

test('a device that uploads pictures with curl is seen, and the last picture stays for who comes later', async ({ browser }) => {
  const server = await startServer()
  const folder = mkdtempSync(join(tmpdir(), 'porthole-upload-'))
  try {
    await server.call('POST', '/cameras', { id: 'device', name: 'Device', source: { kind: 'upload' } })
    const page = await openDashboard(browser, server, '/camera/device')
    const painter = await (await browser.newContext()).newPage()
    const upload = async (colour: string, width: number) => {
      const url = await painter.evaluate(
        ([fill, side]) => {
          const canvas = document.createElement('canvas')
          canvas.width = side as number
          canvas.height = 240
          const context = canvas.getContext('2d') as CanvasRenderingContext2D
          context.fillStyle = fill as string
          context.fillRect(0, 0, canvas.width, canvas.height)
          return canvas.toDataURL('image/jpeg')
        },
        [colour, width] as const,
      )
      const file = join(folder, 'picture.jpg')
      writeFileSync(file, Buffer.from(url.split(',')[1] as string, 'base64'))
      return execFileSync(
        'curl',
        [
          '-s',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '-b',
          server.cookie,
          '-H',
          'Content-Type: image/jpeg',
          '-T',
          file,
          `${server.url}/upload/device`,
        ],
        { encoding: 'utf8' },
      )
    }
    expect(await upload('#202020', 320)).toBe('201')
    await expect.poll(async () => (await lookAt(page, 'device'))?.mean).toBeLessThan(100)
    expect(await upload('#f0f0f0', 640)).toBe('201')
    await expect.poll(async () => (await lookAt(page, 'device'))?.mean).toBeGreaterThan(220)
    expect(await lookAt(page, 'device')).toMatchObject({ width: 640, height: 240 })
    const late = await openDashboard(browser, server)
    await expect.poll(async () => (await lookAt(late, 'device'))?.mean).toBeGreaterThan(220)
    await painter.context().close()
  } finally {
    await closePages()
    await server.close()
    rmSync(folder, { recursive: true })
  }
})
