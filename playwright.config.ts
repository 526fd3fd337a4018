import { defineConfig } from '@playwright/test'
import { findBrowser } from './scripts/browser.mjs'

/** Where `npm test` wants the counts. */
const report = process.env.PORTHOLE_PLAYWRIGHT_REPORT
const browser = findBrowser()
/** Chromium's sandbox refuses to run as root. */
const asRoot = process.getuid?.() === 0

/** Stories about frame rates, ages and walls of phones, or that need both processors: nothing else may run beside them. */
const MEASURED = /\/(live|publishing|stage|guessing)\.spec\.ts$/
/** Stories that measure for a minute, and use little: beside each other, and nothing else. */
const MINUTES = /\/slow-(viewer|link)\.spec\.ts$/

export default defineConfig({
  testDir: 'e2e',
  // One at a time unless told: many measure frame rates and ages, and each starts servers and browsers of its own.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  projects: [
    { name: 'stories', testIgnore: [MEASURED, MINUTES], outputDir: 'e2e/results/stories' },
    { name: 'measured', testMatch: MEASURED, outputDir: 'e2e/results/measured', workers: 1 },
    { name: 'minutes', testMatch: MINUTES, outputDir: 'e2e/results/minutes' },
  ],
  reporter: report ? [['list'], ['json', { outputFile: report }]] : [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(browser && { executablePath: browser }),
      args: [
        ...(asRoot ? ['--no-sandbox'] : []),
        '--use-fake-device-for-media-stream=fps=30',
        '--use-fake-ui-for-media-stream',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--autoplay-policy=no-user-gesture-required',
      ],
    },
  },
})
