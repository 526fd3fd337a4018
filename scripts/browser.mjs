import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Failure, packaged, runQuietly, say } from './process.mjs'
import { canInstall, install, isProgram, which } from './tools.mjs'

const ON_PATH = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser']

/** Usual places of Chrome and Chromium that are not on the path. */
function places() {
  if (process.platform === 'darwin')
    return ['Google Chrome', 'Chromium'].flatMap((name) =>
      ['/Applications', path.join(process.env.HOME ?? '', 'Applications')].map((folder) => `${folder}/${name}.app/Contents/MacOS/${name}`),
    )
  if (process.platform === 'win32')
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((folder) =>
      ['Google\\Chrome', 'Chromium'].map((name) => path.join(process.env[folder] ?? 'C:\\', name, 'Application', 'chrome.exe')),
    )
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium']
}

/**
 * The Chrome or Chromium of this machine: CHROME_PATH, else an installed one (Playwright's own build has no H.264).
 * @returns {string | undefined} undefined when there is none but, perhaps, Playwright's
 * @throws {Failure} when CHROME_PATH names no file
 */
export function findBrowser() {
  const named = process.env.CHROME_PATH
  if (named && !existsSync(named)) throw new Failure(`CHROME_PATH is ${named}, where there is no file.`)
  return named || ON_PATH.map(which).find((file) => file !== undefined) || places().find(isProgram)
}

/**
 * Finds a browser that starts, else installs one.
 * @returns {Promise<string | undefined>} its path; undefined for Playwright's own build
 */
export async function ensureBrowser() {
  let browser = findBrowser()
  let version = browser && versionOf(browser)
  if (!version && canInstall()) {
    await install(['chromium'])
    browser = which('chromium')
    version = browser && versionOf(browser)
  }
  if (browser && version) {
    say(`Browser: ${version} (${browser})`)
    return browser
  }
  say('Browser: no Chrome or Chromium that starts; taking Playwright’s build, without H.264')
  try {
    await runQuietly('Downloading the browser', process.execPath, [packaged('@playwright/test/cli.js'), 'install', 'chromium'])
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(`${error.message} Install Chrome or Chromium, or name one by CHROME_PATH.`)
  }
  return undefined
}

/**
 * What it answers to --version. A snap's placeholder has a file and no browser. On Windows the question would open a window.
 * @param {string} browser
 */
function versionOf(browser) {
  if (process.platform === 'win32') return path.basename(browser)
  const { status, stdout } = spawnSync(browser, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  return status === 0 ? stdout.trim() : undefined
}
