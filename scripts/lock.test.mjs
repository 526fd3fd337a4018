import { expect, it } from 'vitest'
import { completeLock } from './lock.mjs'

const linux = { version: '1.0.0', integrity: 'sha512-seen', cpu: ['x64'], libc: ['glibc'], optional: true, os: ['linux'] }
/**
 * @param {Record<string, string>} optionalDependencies
 * @returns {{ lockfileVersion: number, packages: Record<string, object> }}
 */
const lockOf = (optionalDependencies) => ({
  lockfileVersion: 3,
  packages: {
    '': { optionalDependencies: { tool: '^1.0.0' } },
    'node_modules/tool': { version: '1.0.0', dev: true, optionalDependencies },
    'node_modules/tool-linux-x64-gnu': linux,
  },
})

it('adds the packages of other platforms, and changes nothing else', () => {
  const lock = lockOf({
    'tool-linux-x64-gnu': '1.0.0',
    'tool-linux-arm64-musl': '1.0.0',
    'tool-darwin-x64': '1.0.0',
    'tool-win32-arm64-msvc': '1.0.0',
  })
  expect(completeLock(lock)).toEqual(['tool-linux-arm64-musl', 'tool-darwin-x64', 'tool-win32-arm64-msvc'])
  expect(lock.packages['node_modules/tool-linux-arm64-musl']).toEqual({
    version: '1.0.0',
    cpu: ['arm64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  })
  expect(lock.packages['node_modules/tool-darwin-x64']).toMatchObject({ cpu: ['x64'], os: ['darwin'] })
  expect(lock.packages['node_modules/tool-linux-x64-gnu']).toEqual(linux)
  expect(completeLock(lock)).toEqual([])
})

it('leaves alone what it cannot know: ranges, and packages that name no platform', () => {
  const lock = lockOf({ fsevents: '~2.3.3', 'tool-darwin-arm64': '^1.0.0', colors: '1.0.0' })
  expect(completeLock(lock)).toEqual([])
})
