import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Config } from '../config/config'
import { SECOND } from '../core/clock'
import { activateNewestKey, addKey, parseKeyring, type Keyring } from '../crypto/keyring'
import type { Database } from '../db/database'
import { wrappingKeys } from '../db/keyring-check'
import { AuditService } from '../modules/audit/audit.service'
import { countHolders } from '../modules/keyring/keyring-holders'
import { rewrapDataKeys, type Rewrapped } from '../modules/keyring/rewrap-data-keys'
import { answering, UsageError, type Answer } from './command'
import { changingKeyring, keyringText, newestOf } from './keyring-file'
import { count, showBar, span } from './progress-bar'
import { onFoundation, readSettings, stoppable } from './settings'

interface Options {
  newKey?: boolean
  json?: boolean
}

/** How long it waits until running processes have seen that the keyring has changed, in milliseconds; those that can need one second. */
const PATIENCE = 10 * SECOND
const PAUSE = SECOND / 5

const HELP = `
The newest key of the keyring becomes the active one, and every data key is wrapped anew that is under another. What is encrypted
stays as it is, so it takes seconds, and nobody notices. Which key that is:

  - one that \`portico keys add\` has added, or a run that was cut off;
  - else the active one, where data keys are left under another: a run that was cut off is gone on with;
  - else, and always with --new-key, a new one, which comes onto the keyring first.

It becomes active when all running processes know it. Those that share the file do so within a second; where one does not,
nothing is wrapped under it. The older keys stay on the keyring until \`portico keys remove\`. Where PORTICO_KEYRING holds the
keyring itself, no key is added or made the active one (\`portico keys add --help\`): data keys are wrapped under the one that is.`

export const define = (command: Command): Command =>
  command
    .option('--new-key', 'add a new key in any case')
    .addHelpText('after', HELP)
    .action(answering<Options>((_, options) => rotate(readSettings(), options)))

async function rotate(config: Config, { newKey = false, json }: Options): Promise<Answer> {
  const { file } = keyringText(config)
  if (newKey && file === null) {
    throw new UsageError(
      'PORTICO_KEYRING holds the keyring itself: `portico keys add` prints it with a new key.',
    )
  }
  const bar = await showBar('{bar} {percentage} % · {value} of {total} · {eta_formatted} left', {}, !json)
  return stoppable(
    (signal) =>
      onFoundation(async ({ db }) => {
        const keyring = await activate(config, db, newKey)
        await everybody(db, keyring, 'know')
        const wrapElsewhere = await everybody(db, keyring, 'wrap').catch((error: Error) => error.message)
        const start = performance.now()
        const onProgress = (done: number, total: number) => bar.update(done, total, {})
        const rewrapped = await rewrapDataKeys(db, { keyring, onProgress, signal })
        bar.stop()
        return answerOf(keyring, rewrapped, (performance.now() - start) / SECOND, wrapElsewhere ?? null)
      }, config),
    'Stopped. What has been wrapped anew stays so; run it again to go on.',
  ).finally(() => bar.stop())
}

/** Makes the key that it is about the active one; returns the keyring as it is then. */
const activate = (config: Config, db: Database, newKey: boolean): Promise<Keyring> =>
  changingKeyring(config, db, async (tx, { text, file }, save) => {
    const present = parseKeyring(text)
    if (file === null) return present
    const isUnderActive = (await wrappingKeys(tx)).every((id) => id === present.activeKeyId)
    const isNewestActive = newestOf(present.fingerprints) === present.activeKeyId
    if (!newKey && isNewestActive && !isUnderActive) return present
    const isAdded = newKey || isNewestActive
    const longer = isAdded ? addKey(text) : text
    const keyring = parseKeyring(activateNewestKey(longer))
    if (isAdded) {
      // The event stands even where the key cannot be made the active one yet.
      await new AuditService(db).record('keys.added', { details: { key: keyring.activeKeyId } })
      save(longer)
    }
    await everybody(tx, keyring, 'know')
    save(activateNewestKey(longer))
    return keyring
  })

/** Waits until all running processes know the active key of this keyring, or wrap under it. @throws Error where some do not. */
async function everybody(
  db: Database,
  { activeKeyId, fingerprints }: Keyring,
  what: 'know' | 'wrap',
): Promise<void> {
  const fingerprint = fingerprints.keys.get(activeKeyId)!
  for (const end = performance.now() + PATIENCE; ; await sleep(PAUSE)) {
    const holders = await countHolders(db, fingerprint)
    const missing = holders.running - holders[what]
    if (missing === 0) return
    if (performance.now() < end) continue
    const who = `${missing} of ${holders.running} running ${holders.running === 1 ? 'process' : 'processes'}`
    throw new Error(
      what === 'know'
        ? `${who} do not know the key "${activeKeyId}", so nothing was wrapped under it. Give them this keyring, restart them, ` +
            'and run `portico keys rotate` again.'
        : `${who} still wrap new data keys under another key: make "${activeKeyId}" the active one there, restart them, and run ` +
            '`portico keys rotate` again.',
    )
  }
}

function answerOf(
  { activeKeyId: to }: Keyring,
  { from, count: done, damaged, left }: Rewrapped,
  seconds: number,
  wrapElsewhere: string | null,
): Answer {
  const perSecond = Math.round(done / seconds)
  const isDone = damaged === 0 && left === 0
  const lines = [
    done === 0 && isDone
      ? `All data keys are under "${to}".`
      : `Wrapped ${count(done)} data keys anew under "${to}" in ${span(seconds)} (${count(perSecond)} a second).`,
    ...(isDone && from.length > 0
      ? [
          `Nothing is under ${quoted(from)} any more; \`portico keys remove\` takes it off when no backup needs it.`,
        ]
      : []),
    ...(damaged > 0 ? [`${count(damaged)} do not open and were left as they are: they are damaged.`] : []),
    ...(left > 0 ? [`${count(left)} were held by others all the while: run it again.`] : []),
    ...(wrapElsewhere === null ? [] : [wrapElsewhere]),
  ]
  return {
    json: { to, from, count: done, seconds: Math.round(seconds * 1_000) / 1_000, perSecond, damaged, left },
    text: lines.join('\n'),
    isBad: !isDone || wrapElsewhere !== null,
  }
}

const quoted = (ids: readonly string[]) => ids.map((id) => `"${id}"`).join(', ')
