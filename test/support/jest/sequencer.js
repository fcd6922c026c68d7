const { default: Sequencer } = require('@jest/test-sequencer')

/** Suites that wait for other programs come first: begun last, they would keep one core idle. */
const FIRST = ['/test/cli/start', '/test/browser/', '/test/sdk/']

module.exports = class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => FIRST.findIndex((part) => path.includes(part)) + 1 || FIRST.length + 1
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other))
  }
}
