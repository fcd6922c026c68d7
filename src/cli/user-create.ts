import { Option, type Command } from 'commander'
import { checkInput } from '../api/input'
import { Rejected } from '../core/error'
import { newId, toGlobalId } from '../core/id'
import type { Database } from '../db/database'
import { SignUpInput } from '../modules/authentication/authentication.input'
import { createAccount } from '../modules/authentication/create-account'
import { addressProblem, normaliseAddress } from '../modules/email/email-address'
import { PasswordService } from '../modules/password/password.service'
import { BUILT_IN_ROLES, type BuiltInRoleName } from '../modules/role/built-in-role'
import { RoleGrantService } from '../modules/role/role-grant.service'
import { answering } from './command'
import { askPassword, readPassword } from './password-input'
import { onFoundation, readSettings } from './settings'

interface Options {
  role: BuiltInRoleName
  displayName?: string
  passwordStdin?: boolean
}

export const define = (command: Command): Command =>
  command
    .argument('<username>', 'the unique public name')
    .argument('<email>', 'the address, which counts as verified')
    .addOption(
      new Option('--role <role>', 'what the person may do')
        .choices(Object.keys(BUILT_IN_ROLES))
        .default('user'),
    )
    .option('--display-name <name>', 'how the person is called; the username where nothing is said')
    .option('--password-stdin', 'read the password from the first line of the standard input')
    .action(
      answering<Options>(async ([username = '', email = ''], { role, displayName, passwordStdin }) => {
        const config = readSettings()
        const password = passwordStdin ? await readPassword() : await askPassword()
        const input = Object.assign(new SignUpInput(), { username, email, displayName, password })
        // The same rules as in the API.
        checkInput(input)
        const account = await onFoundation(({ db }) => create(db, input, role), config)
        return {
          json: { user: account },
          text: `Made ${account.username} (${account.id}), who is ${role === 'user' ? 'a user' : `${role} and user`}.`,
        }
      }),
    )

async function create(db: Database, input: SignUpInput, role: BuiltInRoleName) {
  const username = input.username.toLowerCase()
  const displayName = input.displayName ?? input.username
  const address = normaliseAddress(input.email)
  if (address === null) throw new Rejected(addressProblem('email'))
  const passwords = new PasswordService(db)
  await passwords.check(input.password, [address, username, displayName])
  const passwordHash = await passwords.hash(input.password)

  const id = newId(db.now)
  await db.transaction(async (tx) => {
    await createAccount(tx, { id, username, displayName, locale: 'en', address, passwordHash }, null)
    if (role !== 'user') await new RoleGrantService(tx).grantBuiltIn(id, role)
  })
  return { id: toGlobalId('user', id), username, role }
}
