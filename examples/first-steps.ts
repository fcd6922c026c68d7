/*
 * The first steps with the SDK, against a Portico that `npm start` runs: `npm run example`.
 * In an application of your own the import is `from 'portico-sdk'`.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPortico, PorticoError, resultOf } from '../src/sdk/portico'

const url = process.env.PORTICO_URL ?? 'http://localhost:4000'
const dataDir = process.env.DATA_DIR ?? '.portico'

async function main(): Promise<void> {
  const portico = createPortico({ url })
  const username = `ada_${randomBytes(4).toString('hex')}`
  const email = `${username}@example.com`

  const challenge = resultOf(
    await portico.signUp({
      username,
      email,
      password: randomBytes(12).toString('base64url'),
      displayName: 'Ada',
    }),
    'challenge',
  )
  const { code, subject } = await latestMail(email)
  say(`Asked for an account; the mail “${subject}” brought the code ${code}.`)

  const user = resultOf(await portico.completeSignUp({ challengeId: challenge.id, code }), 'user')
  say(`Signed up and in as ${user.displayName}, @${user.username}.`)

  const { userErrors } = await portico.setPreferences({ preferences: [{ key: 'theme', value: 'mauve' }] })
  say(`The theme mauve was declined: “${userErrors[0]?.message}”`)
  resultOf(await portico.setPreferences({ preferences: [{ key: 'theme', value: 'dark' }] }), 'preferences')
  say('Set the preference theme to dark.')

  const post = resultOf(
    await portico.createPost({ title: 'First steps', body: 'It was easy.', tags: ['hello'], publish: true }),
    'post',
  )
  say(`Published “${post.title}” as ${post.slug}.`)

  const titles: string[] = []
  for await (const { title } of portico.posts.each({ first: 5 })) {
    titles.push(title)
    if (titles.length === 12) break
  }
  say(`Read ${titles.length} posts in pages of five, the newest “${titles[0]}”.`)

  try {
    await portico.auditEvents()
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error
    say(`The audit trail is not for everybody: ${error.code}.`)
  }
  await portico.signOut()
  say('Signed out.')

  const { admin } = JSON.parse(readFileSync(join(dataDir, 'demo-accounts.json'), 'utf8')) as DemoAccounts
  resultOf(await portico.signIn({ login: admin.username, password: admin.password }), 'user')
  const trail = await portico.auditEvents({ filter: { personId: user.id }, first: 10 })
  say(`As ${admin.username}, read what the trail says of @${user.username}:`)
  for (const { node } of trail?.edges ?? []) say(`  ${node.occurredAt}  ${node.action}  ${node.outcome}`)
  await portico.signOut()
}

interface DemoAccounts {
  admin: { username: string; password: string }
}

/** In development mails stay with Portico, for whoever tries it. */
async function latestMail(to: string): Promise<{ subject: string; code: string }> {
  const response = await fetch(new URL(`/dev/mailbox.json?to=${encodeURIComponent(to)}`, url))
  const [mail] = (await response.json()) as { subject: string; code: string }[]
  if (!mail) throw new Error(`No mail has arrived for ${to}.`)
  return mail
}

const say = (line: string) => console.log(line)

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
