import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { npm, packaged, root, run, say } from './process.mjs'
import { ensureBuild, ensurePackages, ensurePeers } from './setup.mjs'
import { ensureTools } from './tools.mjs'
import { playwrightTotals, readTotals, sum, vitestTotals } from './totals.mjs'

/** Node versions, beside the one at hand, that the unit tests are run on. */
const NODES = [22, 24]

/**
 * @param {string} file
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
const program = (file, args, env) => () => run(process.execPath, [packaged(file), ...args], { stdin: 'ignore', ...(env && { env }) })

/** Folders that may have a tsconfig.json; the build is what checks the server's. */
const TYPED = ['.', 'client', 'client/install', 'e2e', 'bench'].filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')))

const STATIC = {
  ...Object.fromEntries(TYPED.map((folder) => [`types of ${folder}`, program('typescript/bin/tsc', ['-p', folder, '--noEmit'])])),
  lint: program('@biomejs/biome/bin/biome', ['ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`]),
}

/** @param {readonly string[]} filter @param {NodeJS.ProcessEnv} [env] */
const unit = (filter, env) => program('vitest/vitest.mjs', ['run', ...(filter.length > 0 ? ['--passWithNoTests', ...filter] : [])], env)

/**
 * The stories of one project of playwright.config.ts.
 * @param {string} project
 * @param {number} workers
 * @param {readonly string[]} filter
 * @param {NodeJS.ProcessEnv} env
 */
const browser = (project, workers, filter, env) => {
  const words = [`--project=${project}`, `--workers=${workers}`]
  return program('@playwright/test/cli.js', ['test', ...words, ...(filter.length > 0 ? ['--pass-with-no-tests', ...filter] : [])], env)
}

/**
 * Runs stages one after the other, all of them, and says how long each took.
 * @param {Record<string, () => Promise<number>>} stages
 * @returns {Promise<boolean>} whether all passed
 */
async function runStages(stages) {
  let passed = true
  for (const [name, stage] of Object.entries(stages)) {
    say(`\n▸ ${name}`)
    const start = performance.now()
    const code = await stage()
    passed &&= code === 0
    say(`${code === 0 ? '✓' : '✗'} ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s${code === 0 ? '' : `, exit code ${code}`}`)
  }
  return passed
}

/**
 * Everything: types, lint, unit and contract tests; then, when these passed, the tests in the browser.
 * @param {readonly string[]} filter only test files whose path contains one of these
 */
export async function test(filter) {
  await ensurePackages()
  await ensureBuild()
  const chrome = await ensureBrowser()
  await ensureTools()
  await ensurePeers()
  const reports = mkdtempSync(path.join(tmpdir(), 'porthole-test-'))
  const report = (/** @type {string} */ name) => path.join(reports, `${name}.json`)
  const [units, stories, measured, minutes] = [report('vitest'), report('stories'), report('measured'), report('minutes')]
  // At the exit, since a signal ends the process without coming back here.
  process.once('exit', () => rmSync(reports, { recursive: true, force: true }))
  let passed = await runStages({
    ...STATIC,
    'unit and contract tests': unit(filter, { PORTHOLE_VITEST_REPORT: units, PORTHOLE_BUILT: '1' }),
  })
  const totals = [readTotals(units, vitestTotals)]
  if (passed) {
    const env = (/** @type {string} */ report) => ({ PORTHOLE_PLAYWRIGHT_REPORT: report, ...(chrome && { CHROME_PATH: chrome }) })
    passed = await runStages({
      'browser tests': browser('stories', 2, filter, env(stories)),
      'browser tests that measure': browser('measured', 1, filter, env(measured)),
      'browser tests that measure for a minute': browser('minutes', 2, filter, env(minutes)),
    })
    totals.push(...[stories, measured, minutes].map((file) => readTotals(file, playwrightTotals)))
  } else {
    say('\nThe browser tests were not run, because of the failures above.')
  }
  const { passed: good, failed, skipped } = sum(totals)
  if (passed && good + failed + skipped === 0) say(`\nNo test file's path contains ${filter.join(' or ')}.`)
  console.log(`\n${good} passed, ${failed} failed, ${skipped} skipped`)
  return passed && good + failed > 0 ? 0 : 1
}

/**
 * The part that takes seconds: types, lint, unit and contract tests.
 * @param {readonly string[]} filter
 */
export async function check(filter) {
  await ensurePackages()
  return (await runStages({ ...STATIC, 'unit and contract tests': unit(filter) })) ? 0 : 1
}

/**
 * The unit and contract tests on other versions of Node, which the npm package `node` brings.
 * @param {readonly string[]} filter
 */
export async function nodes(filter) {
  await ensurePackages()
  const vitest = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...filter].map((word) => `"${word}"`).join(' ')
  const stages = NODES.map((version) => {
    const { command, args, shell } = npm(['exec', '--yes', '--package', `node@${version}`, '--call', `node --version && ${vitest}`])
    return [`unit and contract tests on Node ${version}`, () => run(command, args, { stdin: 'ignore', shell })]
  })
  return (await runStages(Object.fromEntries(stages))) ? 0 : 1
}
