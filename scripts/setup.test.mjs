import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fingerprint } from './setup.mjs'

let folder = ''
/** @param {string} file @param {string} text */
const write = (file, text) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), text)
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'porthole-setup-'))
  for (const file of ['client/main.tsx', 'server/main.ts', 'server/bus/bus.ts', 'shared/units/time.ts']) write(file, file)
  for (const file of ['vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json']) write(file, file)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.each(['client/main.tsx', 'server/bus/bus.ts', 'server/bus/new.ts', 'shared/units/time.ts', 'package-lock.json', 'vite.config.ts'])(
  'a change of %s makes the build stale',
  (file) => {
    const before = fingerprint(folder)
    write(file, 'changed')
    expect(fingerprint(folder)).not.toBe(before)
  },
)

it('a renamed file makes the build stale', () => {
  const before = fingerprint(folder)
  renameSync(path.join(folder, 'server/bus/bus.ts'), path.join(folder, 'server/bus/channel.ts'))
  expect(fingerprint(folder)).not.toBe(before)
})

it('a file that is not built, or is written again as it was, does not', () => {
  const before = fingerprint(folder)
  for (const file of ['server/bus/bus.test.ts', 'server/testing/clock.ts', 'docs/design.md', 'e2e/live.test.ts', 'dist/server/main.js'])
    write(file, 'new')
  write('server/main.ts', 'server/main.ts')
  expect(fingerprint(folder)).toBe(before)
})
