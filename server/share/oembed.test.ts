import { expect, test } from 'vitest'
import { oembedXml, playerSize } from './oembed.ts'

test.each([
  ['no wish', undefined, undefined, 1280, 720],
  ['a width', 640, undefined, 640, 360],
  ['a height', undefined, 360, 640, 360],
  ['both, the width being less', 320, 720, 320, 180],
  ['both, the height being less', 1280, 45, 80, 45],
  ['more than there is', 9999, 9999, 1280, 720],
  ['nearly nothing', 16, 16, 16, 9],
])('the player fits %s', (_what, maxWidth, maxHeight, width, height) => {
  expect(playerSize(maxWidth, maxHeight)).toEqual({ width, height })
})

test('XML is escaped whatever stands in it', () => {
  const xml = oembedXml({ title: `a<b>&"'`, html: '<iframe title="x">' } as never)
  expect(xml).toContain('<title>a&lt;b&gt;&amp;&quot;&#39;</title>')
  expect(xml).toContain('<html>&lt;iframe title=&quot;x&quot;&gt;</html>')
})
