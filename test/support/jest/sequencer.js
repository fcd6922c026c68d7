const { default: Sequencer } = require('@jest/test-sequencer')

/** Suites that take longest, or wait for other programs, come first: begun last, they would keep one core idle. */
const FIRST = [
  '/test/policy/matrix',
  '/test/cli/keys',
  '/test/api/bad-input',
  '/test/policy/explain',
  '/test/cli/start',
  '/test/cli/backup',
  '/test/browser/',
  '/test/sdk/',
]

module.exports = class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => FIRST.findIndex((part) => path.includes(part)) + 1 || FIRST.length + 1
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other))
  }
}
