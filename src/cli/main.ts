import 'reflect-metadata'
import { Command, CommanderError } from 'commander'

/* eslint-disable @typescript-eslint/no-require-imports -- a command is loaded when it is called: all take a second together */

interface Entry {
  description: string
  /** Gives the command its arguments, options and action. */
  load: () => { define(command: Command): Command }
}

/** Every command. To add one: a line here, and a file beside this one that exports `define`. */
const COMMANDS: Record<string, Entry> = {
  start: {
    description: 'Starts the server, and with it the embedded PostgreSQL where no DATABASE_URL is set.',
    load: () => require('./start') as typeof import('./start'),
  },
  migrate: {
    description: 'Brings the schema and the built-in roles up to date; harmless when they are.',
    load: () => require('./migrate') as typeof import('./migrate'),
  },
  demo: {
    description: 'Fills an empty database with invented people and posts, and an account for each role.',
    load: () => require('./demo') as typeof import('./demo'),
  },
  'user create': {
    description:
      'Makes an account, e.g. the first admin; its password is asked for, never given as an argument.',
    load: () => require('./user-create') as typeof import('./user-create'),
  },
  import: {
    description:
      'Imports people from another system, with their passwords: Auth0, Keycloak, Supabase, NDJSON, CSV.',
    load: () => require('./import') as typeof import('./import'),
  },
  backup: {
    description:
      'Backs the database up, encrypted, beside whatever it is doing; the data keys go into a file of their own.',
    load: () => require('./backup') as typeof import('./backup'),
  },
  'backup verify': {
    description:
      'Restores a backup into a database of its own, compares, and drops it again; says how long that takes.',
    load: () => require('./backup-verify') as typeof import('./backup-verify'),
  },
  restore: {
    description:
      'Restores a backup into an empty database; refuses one that is not whole before it writes anything.',
    load: () => require('./restore') as typeof import('./restore'),
  },
  'audit export': {
    description:
      'Writes the audit trail, or a span of it, as NDJSON or CSV; that it was asked is in the trail.',
    load: () => require('./audit-export') as typeof import('./audit-export'),
  },
  'audit verify': {
    description:
      'Compares the audit trail with its seals, and names whatever was changed, removed or put in.',
    load: () => require('./audit-verify') as typeof import('./audit-verify'),
  },
  'who-read': {
    description:
      'Tells whose data an account has read in a span of time (GDPR art. 33); that it was asked is in the trail.',
    load: () => require('./who-read') as typeof import('./who-read'),
  },
  subject: {
    description:
      'Tells what is kept about a person, why and for how long, and who has read it; with --zip a copy as they would get it.',
    load: () => require('./subject') as typeof import('./subject'),
  },
  retention: {
    description:
      'Removes personal data whose time is over, as the timetable does; with --dry-run it tells what it would remove.',
    load: () => require('./retention') as typeof import('./retention'),
  },
  'insight check': {
    description: 'Compares the figures with a recount of everything that they are made of.',
    load: () => require('./insight-check') as typeof import('./insight-check'),
  },
  'insight rebuild': {
    description: 'Counts all figures anew, as far back as the tables keep what they are made of.',
    load: () => require('./insight-rebuild') as typeof import('./insight-rebuild'),
  },
  'keys generate': {
    description: 'Makes a keyring: the secrets without which nothing encrypted can be read.',
    load: () => require('./keys-generate') as typeof import('./keys-generate'),
  },
  'keys add': {
    description: 'Adds a key to the keyring, for processes to know before anything is wrapped under it.',
    load: () => require('./keys-add') as typeof import('./keys-add'),
  },
  'keys rotate': {
    description:
      'Makes a new key the active one and wraps all data keys under it, beside whatever else goes on.',
    load: () => require('./keys-rotate') as typeof import('./keys-rotate'),
  },
  'keys remove': {
    description: 'Takes a key off the keyring; refused while anything is wrapped under it.',
    load: () => require('./keys-remove') as typeof import('./keys-remove'),
  },
  'data-map': {
    description:
      'Prints the record of processing (GDPR art. 30): what is kept about people, why, and for how long.',
    load: () => require('./data-map') as typeof import('./data-map'),
  },
  'attributes types': {
    description: 'Prints TypeScript for the values of the attributes that your application defines.',
    load: () => require('./attributes-types') as typeof import('./attributes-types'),
  },
  'preferences types': {
    description: 'Prints TypeScript for the values of the preferences that your application adds.',
    load: () => require('./preferences-types') as typeof import('./preferences-types'),
  },
  schema: {
    description: 'Prints the GraphQL schema (SDL).',
    load: () => require('./schema') as typeof import('./schema'),
  },
  doctor: {
    description: 'Examines the configuration and the database, and says what to do about what it finds.',
    load: () => require('./doctor') as typeof import('./doctor'),
  },
}

const GROUPS: Record<string, string> = {
  user: 'Accounts.',
  audit: 'The audit trail.',
  insight: 'Figures about how the application is used.',
  keys: 'The keyring.',
  attributes: 'The attributes that there are.',
  preferences: 'The preferences that there are.',
}

/** Runs the command line. The exit code is 0, 1 when the work failed, or 2 when the command was not understood. */
export async function run(given: readonly string[], version = ''): Promise<void> {
  const portico = new Command('portico')
    .description(
      "The backend for an application's user data. Environment variables set it up; the README lists them.",
    )
    .version(version)
    // An option belongs to the command that it follows: `backup` and `backup verify` both have some.
    .enablePositionalOptions()
    .exitOverride()
  const groups = new Map(
    Object.entries(GROUPS).map(([name, description]) => [name, new Command(name).description(description)]),
  )
  const called = given.filter((word) => word !== 'help' && !word.startsWith('-'))
  for (const [path, { description, load }] of Object.entries(COMMANDS)) {
    const words = path.split(' ')
    const command = new Command(words.at(-1))
      .description(description)
      .option('--json', 'print the answer as JSON')
    if (words.every((word, index) => called[index] === word)) load().define(command)
    if (words.length === 1) groups.set(path, command.enablePositionalOptions())
    const parent = words.length === 1 ? portico : groups.get(words[0]!)!
    parent.addCommand(command.exitOverride())
    if (parent !== portico && !portico.commands.includes(parent)) portico.addCommand(parent.exitOverride())
  }
  try {
    await portico.parseAsync(given, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has printed why, or the help that was asked for.
    if (error.exitCode !== 0) process.exitCode = 2
  }
}
