import { expect, test } from 'vitest'
import { Links } from './links.ts'

const local = 'http://localhost:8080'
const links = (lan: readonly string[], publicUrl?: string) =>
  new Links({ publicUrl: publicUrl === undefined ? undefined : new URL(publicUrl), here: () => ({ local, lan }) })

test.each([
  ['the public address, with its path', links([], 'https://camera.example/porthole/'), local, 'https://camera.example/porthole', 'public'],
  [
    'what somebody in the network asked for',
    links(['http://10.0.0.2:8080']),
    'https://box.local:8080',
    'https://box.local:8080',
    'network',
  ],
  [
    'the machine’s address in its network, for who sits before it',
    links(['http://10.0.0.2:8080']),
    local,
    'http://10.0.0.2:8080',
    'network',
  ],
  ['the same for nobody in particular', links(['http://10.0.0.2:8080']), undefined, 'http://10.0.0.2:8080', 'network'],
  ['the loopback address that was asked for', links([]), 'http://127.0.0.1:8080', 'http://127.0.0.1:8080', 'machine'],
  ['this machine, when nobody asked', links([]), undefined, local, 'machine'],
])('links begin with %s', (_what, of, asked, url, reach) => {
  expect(of.base(asked)).toEqual({ url, reach })
})
