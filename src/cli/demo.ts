import type { Command } from 'commander'
import { answering } from './command'
import { accountsFile, describeAccounts, prepareDemo } from './demo/demo'
import { assertNotProduction, onFoundation, readSettings } from './settings'

export const define = (command: Command): Command =>
  command.action(
    answering(async () => {
      const config = readSettings()
      assertNotProduction(config)
      return onFoundation(async (foundation) => {
        const accounts = await prepareDemo(foundation)
        if (accounts) return { json: { made: true, accounts }, text: describeAccounts(config, accounts) }
        const file = accountsFile(config)
        const hint = file
          ? `The demo accounts are in ${file}.`
          : 'Demo data goes into an empty database only.'
        return {
          json: { made: false, accountsFile: file },
          text: `There are people already. ${hint}`,
          isBad: !file,
        }
      }, config)
    }),
  )
