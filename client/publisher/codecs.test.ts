import { describe, expect, test } from 'vitest'
import { chooseEncoder, codecsFor, familyOf } from './codecs.ts'

const HD = { width: 1280, height: 720, fps: 30, bitrate: 2e6 }

/** A browser that encodes these `codec mode` pairs; `-` is no mode. */
const browser =
  (...pairs: string[]) =>
  async ({ codec, scalabilityMode = '-' }: VideoEncoderConfig) => ({ supported: pairs.includes(`${familyOf(codec)} ${scalabilityMode}`) })

describe('the choice of an encoder', () => {
  test('is H.264 with three layers where there is one, in Annex B and for live', async () => {
    const choice = await chooseEncoder(HD, new Set(), browser('avc1 L1T3', 'vp09 L1T3', 'avc1 -'))
    expect(choice).toMatchObject({ layers: 3, config: { codec: 'avc1.42001f', avc: { format: 'annexb' }, latencyMode: 'realtime' } })
  })

  test('takes layers before the order of codecs', async () => {
    expect(await chooseEncoder(HD, new Set(), browser('avc1 -', 'vp09 L1T3'))).toMatchObject({
      layers: 3,
      config: { codec: 'vp09.00.31.08' },
    })
    expect(await chooseEncoder(HD, new Set(), browser('avc1 -', 'av01 L1T2'))).toMatchObject({ layers: 2 })
  })

  test('does without layers where there are none, without what is slow, and without a throw', async () => {
    expect(await chooseEncoder(HD, new Set(), browser('avc1 -', 'vp09 -'))).toMatchObject({ layers: 1, config: { codec: 'avc1.42001f' } })
    expect(await chooseEncoder(HD, new Set(['avc1']), browser('avc1 -', 'vp09 -'))).toMatchObject({ config: { codec: 'vp09.00.31.08' } })
    expect(await chooseEncoder(HD, new Set(), () => Promise.reject(new TypeError('no such codec')))).toBeUndefined()
  })

  test('asks for a level that holds the picture', () => {
    expect(codecsFor({ ...HD, width: 640, height: 360 })[0]).toBe('avc1.42001e')
    expect(codecsFor({ ...HD, width: 1920, height: 1080 })).toEqual(['avc1.420028', 'vp09.00.40.08', 'av01.0.08M.08'])
    expect(codecsFor({ ...HD, width: 3840, height: 2160 })[0]).toBe('avc1.420033')
    expect(codecsFor({ ...HD, width: 16_000, height: 9000 })[0]).toBe('avc1.420033')
  })
})
