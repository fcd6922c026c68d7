const { writeSync } = require('node:fs')

/** Ends the output with one line that scripts can read: `12 passed, 0 failed` (and `, 1 skipped`). */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numPendingTests, numTodoTests } = results
    // A file that cannot be loaded, or leaks past its end, fails without failing a test.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + (results.runExecError ? 1 : 0)
    const skipped = numPendingTests + numTodoTests
    const line = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
    // Jest's own summary and the global teardown still have things to say; this comes after them.
    process.once('exit', () => writeSync(1, `${line}\n`))
  }
}
