import { Client, type ClientBase } from 'pg'

/**
 * What PostgreSQL writes depends on none of the server's settings: the same row is the same text everywhere. Nothing is given
 * up for taking long, rows that this role may not see are an error, and every name says its schema.
 */
const SETTINGS = {
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  search_path: '',
  row_security: 'off',
  synchronize_seqscans: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // Since PostgreSQL 17.
  transaction_timeout: '0',
}

/** Does long work on a connection of its own, which is closed afterwards, whatever it was doing. */
export async function connected<Result>(
  url: string,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'portico-work', keepAlive: true })
  // Whoever waits for an answer is told of it too.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(
      `SELECT set_config(name, value, false) FROM jsonb_each_text($1) AS wanted (name, value)
       JOIN pg_settings USING (name)`,
      [SETTINGS],
    )
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
