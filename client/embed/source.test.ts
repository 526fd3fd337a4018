import { expect, test } from 'vitest'
import { sourceOf } from './source.ts'

const home = new URL('https://camera.example/porthole/')
const page = 'https://blog.example/post'

test.each([
  ['a token, on the server of the script', { share: 'T-_1', src: null }, 'wss://camera.example/porthole/ws/share/T-_1'],
  ['the address of a link', { share: null, src: 'https://other.example/share/T' }, 'wss://other.example/ws/share/T'],
  [
    'of a frame, with what stands behind',
    { share: null, src: 'http://other.example:8080/a/embed/T?x=1#y' },
    'ws://other.example:8080/a/ws/share/T',
  ],
  ['of a camera of the same server', { share: null, src: '/camera/azalea' }, 'wss://blog.example/ws/live/azalea'],
  ['a token that would leave its path', { share: '../live/x', src: null }, 'wss://camera.example/porthole/ws/share/..%2Flive%2Fx'],
])('the viewer of %s', (_what, said, url) => {
  expect(sourceOf(said, home, page)?.url).toBe(url)
})

test('a shared link has a poster, a camera has none', () => {
  expect(sourceOf({ share: 'T', src: null }, home, page)?.poster).toBe('https://camera.example/porthole/share/T/picture.jpg')
  expect(sourceOf({ share: null, src: '/camera/azalea' }, home, page)?.poster).toBeUndefined()
})

test.each([
  null,
  '',
  'nonsense',
  'https://other.example/',
  'javascript:alert(1)',
  'https://other.example/share/',
  'data:text/html,/share/T',
])('nothing is shown for src %s', (src) => {
  expect(sourceOf({ share: null, src }, home, page)).toBeUndefined()
})
