const { existsSync } = require('node:fs')
const { availableParallelism } = require('node:os')

const ifThere = (file) => (existsSync(file.replace('<rootDir>', __dirname)) ? file : undefined)

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/jest/environment.js',
  runtime: '<rootDir>/test/support/jest/runtime.js',
  testSequencer: '<rootDir>/test/support/jest/sequencer.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // These take minutes and have commands of their own: `npm run bench`, `npm run test:scale` and `npm run test:policy`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(bench|mutation|scale)/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '\\.[jt]s$': '@swc/jest' },
  globalSetup: ifThere('<rootDir>/test/support/global-setup.ts'),
  globalTeardown: ifThere('<rootDir>/test/support/global-teardown.ts'),
  // More than there are cores: one waits for its database or for a process while the others compute.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/test/support/summary-reporter.js'],
}
