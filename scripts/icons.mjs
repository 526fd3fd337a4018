#!/usr/bin/env node
// Draws the icons of client/public from its favicon.svg, with the browser of the tests. To be run when the mark changes.
import { readFileSync } from 'node:fs'
import path from 'node:path'
// biome-ignore lint/correctness/noUndeclaredDependencies: for who changes the mark, never for who runs the program
import { chromium } from '@playwright/test'
import { findBrowser } from './browser.mjs'
import { root } from './process.mjs'

const FOLDER = path.join(root, 'client/public')
/** Behind the mark where the system cuts the icon: the mark keeps to the middle four fifths (W3C, Web App Manifest: safe zone). */
const BACKGROUND = '#0e3440'
const ICONS = [
  { file: 'icon-192.png', size: 192, mark: 1, background: 'none' },
  { file: 'icon-512.png', size: 512, mark: 1, background: 'none' },
  { file: 'icon-maskable-512.png', size: 512, mark: 0.7, background: BACKGROUND },
  { file: 'apple-touch-icon.png', size: 180, mark: 0.8, background: BACKGROUND },
]

const executablePath = findBrowser()
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
const page = await browser.newPage()
const mark = readFileSync(path.join(FOLDER, 'favicon.svg'), 'utf8')
for (const { file, size, mark: share, background } of ICONS) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<style>body { margin: 0; height: 100vh; display: grid; place-items: center; background: ${background} } svg { width: ${share * 100}vw }</style>${mark}`,
  )
  await page.screenshot({ path: path.join(FOLDER, file), omitBackground: true })
}
await browser.close()
