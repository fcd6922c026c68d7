import { KeyringError, type Keyring } from '../crypto/keyring'
import type { Queryable } from './queryable'

interface Installation {
  lookup_fingerprint?: string | null
  pepper_fingerprint?: string | null
}

interface Sample {
  ownerId: string
  wrapped: Buffer
}

/** How many data keys of each wrapping key are tried: one may be damaged, and says nothing about the keyring then. */
const SAMPLES = 3

/** How many keys that are missing are named: damaged rows may seem to be under any number of them. */
const TOLD = 3

/** Whether anything in the database hangs on a keyring, so that another one would be of no use. */
export async function hasKeyring(db: Queryable): Promise<boolean> {
  if (!(await isReadable(db, 'public.data_keys'))) return false
  const installation = await installationOf(db)
  if (installation?.lookup_fingerprint) return true
  const [found] = await db.query<{ any: boolean }>('SELECT EXISTS (SELECT FROM public.data_keys) AS any')
  return found!.any
}

/**
 * Refuses a keyring that is not the database's, and reads no more for that than some rows of each key. A database that is
 * empty, or of an older schema, has less to compare.
 * @throws KeyringError saying what is wrong, and what to do.
 */
export async function assertKeyring(db: Queryable, keyring: Keyring): Promise<void> {
  const problems = await problemsOf(db, keyring)
  if (problems.length === 0) return
  throw new KeyringError(
    `This is not the keyring of this database: ${problems.join('; ')}. Nothing was changed. Put the right one in its place, ` +
      'from the copy that is kept apart from the backups, or name it in PORTICO_KEYRING.',
  )
}

/** Lets a database remember its keyring, from the first start on. @throws KeyringError where another one was first. */
export async function rememberKeyring(db: Queryable, keyring: Keyring): Promise<void> {
  const { lookup, pepper } = keyring.fingerprints
  const known = await installationOf(db)
  if (known?.lookup_fingerprint) return
  await db.query(
    'UPDATE installation SET lookup_fingerprint = $1, pepper_fingerprint = $2 WHERE lookup_fingerprint IS NULL',
    [lookup, pepper],
  )
  await assertKeyring(db, keyring)
}

/** The ids of the keys under which data keys are wrapped, with one step along an index for each. */
export async function wrappingKeys(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ id: string }>(`
    WITH RECURSIVE keys (id) AS (
      (${nextKey('true')})
      UNION ALL
      SELECT (${nextKey('public.wrapping_key_id(wrapped) > keys.id')}) FROM keys WHERE keys.id IS NOT NULL
    )
    SELECT id FROM keys WHERE id IS NOT NULL`)
  return rows.map(({ id }) => id)
}

const nextKey = (condition: string) => `
  SELECT public.wrapping_key_id(wrapped) FROM public.data_keys WHERE wrapped IS NOT NULL AND ${condition}
  ORDER BY public.wrapping_key_id(wrapped) LIMIT 1`

async function problemsOf(db: Queryable, keyring: Keyring): Promise<string[]> {
  if (!(await isReadable(db, 'public.data_keys'))) return []
  const { lookup, pepper } = keyring.fingerprints
  const installation = await installationOf(db)
  const differs = (known: string | null | undefined, ours: string) => !!known && known !== ours
  return [
    ...(await keyProblems(db, keyring)),
    ...(differs(installation?.lookup_fingerprint, lookup)
      ? ['its lookup secret is another one, nobody would be found']
      : []),
    ...(differs(installation?.pepper_fingerprint, pepper)
      ? ['its pepper is another one, no password would be right']
      : []),
  ]
}

async function keyProblems(db: Queryable, keyring: Keyring): Promise<string[]> {
  const used = await idsOf(db)
  const isKnown = (id: string) => keyring.fingerprints.keys.has(id)
  const unknown = used.filter((id) => !isKnown(id))
  const problems = unknown
    .slice(0, TOLD)
    .map((id) => `data keys are wrapped under "${id}", which is not on it`)
  if (unknown.length > TOLD) problems.push(`and under ${unknown.length - TOLD} more that are not on it`)
  for (const id of used.filter(isKnown)) {
    if (!(await samplesOf(db, id)).some((sample) => opens(keyring, sample)))
      problems.push(`its key "${id}" is not the one of that name that data keys are wrapped under`)
  }
  return problems
}

const samplesOf = (db: Queryable, id: string): Promise<Sample[]> =>
  db.query<Sample>(
    `SELECT owner_id AS "ownerId", wrapped FROM public.data_keys
     WHERE public.wrapping_key_id(wrapped) = $1 AND wrapped IS NOT NULL ORDER BY owner_id DESC LIMIT ${SAMPLES}`,
    [id],
  )

/** None where the schema is too old for them to be found swiftly: it is asked again once that is brought up to date. */
const idsOf = async (db: Queryable): Promise<string[]> =>
  (await exists(db, 'public.data_keys_wrapping_key_index')) ? wrappingKeys(db) : []

function opens(keyring: Keyring, { wrapped, ownerId }: Sample): boolean {
  try {
    keyring.unwrap(wrapped, ownerId)
    return true
  } catch {
    return false
  }
}

async function exists(db: Queryable, relation: string): Promise<boolean> {
  const [found] = await db.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    relation,
  ])
  return found!.exists
}

/** Whether a table is there, and open to this role: a migration that goes on, or was cut off, gives no privileges before its end. */
async function isReadable(db: Queryable, table: string): Promise<boolean> {
  const [found] = await db.query<{ readable: boolean }>(
    `SELECT coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false) AS readable`,
    [table],
  )
  return found!.readable
}

/** Null where the schema is too old to know of it, or Portico has never been started on it. */
async function installationOf(db: Queryable): Promise<Installation | null> {
  if (!(await isReadable(db, 'public.installation'))) return null
  const [found] = await db.query<{ row: Installation }>(
    'SELECT to_jsonb(installation) AS row FROM public.installation',
  )
  return found?.row ?? null
}
