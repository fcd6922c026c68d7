#!/usr/bin/env node
const { existsSync } = require('node:fs')
const path = require('node:path')

const builder = path.join(__dirname, '../scripts/build.js')

async function main() {
  // A checkout builds what has changed; an installed package comes built and without the builder.
  if (existsSync(builder)) await require(builder).build()
  require('../dist/src/cli/main.js')
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
