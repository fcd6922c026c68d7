import type { Command } from 'commander'
import { ConfigError } from '../config/config'
import { answering } from './command'
import { onFoundation, readSettings } from './settings'

export const define = (command: Command): Command =>
  command.action(
    answering(async () => {
      const config = readSettings()
      if (config.databaseUrl !== null && config.databaseOwnerUrl === null) {
        throw new ConfigError([
          'DATABASE_OWNER_URL is missing: migrations run as the role that owns the schema',
        ])
      }
      return onFoundation(async ({ migrated }) => {
        const names = migrated.map((name) => `  ${name}`)
        const text =
          names.length === 0 ? 'The schema is up to date.' : ['These migrations ran:', ...names].join('\n')
        return { json: { ran: migrated }, text }
      }, config)
    }),
  )
