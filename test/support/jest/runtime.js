require('@swc-node/register')
require('reflect-metadata')
const { createRequire } = require('node:module')
const { default: Runtime } = require('jest-runtime')

/**
 * Loads a test file anew, as Jest does, and all that it imports once per worker, as Node does: reading a thousand
 * modules again for each file took longer than the tests. So there is no `jest.mock` of modules here, and a spy on a
 * shared object must be restored.
 */
module.exports = class SharingRuntime extends Runtime {
  requireModuleOrMock(from, name) {
    if (name === '@jest/globals') return super.requireModuleOrMock(from, name)
    return createRequire(from)(name)
  }
}
module.exports.default = module.exports
