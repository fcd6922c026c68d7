const vm = require('node:vm')
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers')
const { ModuleMocker } = require('jest-mock')

/**
 * Test files in the realm of Node itself, so that what they share with each other (see `runtime.js`) knows the same
 * `Error`, `Array` and `Date` as they do.
 */
module.exports = class Environment {
  constructor({ projectConfig: config }) {
    this.global = globalThis
    this.moduleMocker = new ModuleMocker(globalThis)
    this.fakeTimers = new LegacyFakeTimers({
      config,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig: { idToRef: (id) => id, refToId: (timer) => timer },
    })
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis })
  }

  async setup() {}

  async teardown() {
    this.fakeTimers.dispose()
    this.fakeTimersModern.dispose()
    // Jest's reporters of one file must not hear of the tests of the next.
    delete globalThis[Symbol.for('EVENT_HANDLERS')]
  }

  exportConditions() {
    return ['node', 'node-addons']
  }

  getVmContext() {
    return nodesOwn
  }
}

const nodesOwn = Symbol("Node's own realm")

const compileFunction = vm.compileFunction
if (!vm.compileFunction.knowsNodesOwn) {
  vm.compileFunction = (code, parameters, { parsingContext, ...options } = {}) =>
    compileFunction(code, parameters, parsingContext === nodesOwn ? options : { ...options, parsingContext })
  vm.compileFunction.knowsNodesOwn = true
}
