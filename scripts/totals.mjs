import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/**
 * What Vitest's JSON reporter counted. A file that broke before its first test counts as one failure.
 * @param {any} report
 * @returns {Totals}
 */
export function vitestTotals(report) {
  const broken = report.testResults.filter((/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * What Playwright's JSON reporter counted. A test that passed at a second try did not pass; errors outside of tests are failures.
 * @param {any} report
 * @returns {Totals}
 */
export function playwrightTotals({ stats, errors }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped }
}

/**
 * Reads a runner's report; a runner that left none broke, which is one failure.
 * @param {string} file
 * @param {(report: any) => Totals} totals
 * @returns {Totals}
 */
export function readTotals(file, totals) {
  return existsSync(file) ? totals(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failed: 1, skipped: 0 }
}

/**
 * @param {readonly Totals[]} all
 * @returns {Totals}
 */
export const sum = (all) =>
  all.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  })
