import { expect, it } from 'vitest'
import { playwrightTotals, readTotals, sum, vitestTotals } from './totals.mjs'

/** @param {string} status @param {string[]} tests */
const file = (status, ...tests) => ({ status, assertionResults: tests.map((each) => ({ status: each })) })

it('counts what Vitest reported, and a file that broke before its first test as a failure', () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [file('passed', 'passed', 'passed', 'passed'), file('failed', 'failed'), file('failed')],
  }
  expect(vitestTotals(report)).toEqual({ passed: 3, failed: 2, skipped: 3 })
})

it('counts what Playwright reported: flaky tests and errors outside of tests are failures', () => {
  const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{ message: 'no tests found' }] }
  expect(playwrightTotals(report)).toEqual({ passed: 5, failed: 3, skipped: 2 })
})

it('counts a runner without a report as a failure', () => {
  expect(readTotals('/nowhere/report.json', vitestTotals)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

it('sums', () => {
  expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 })
  const [one, other] = [
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ]
  expect(sum([one, other])).toEqual({ passed: 11, failed: 22, skipped: 33 })
})
