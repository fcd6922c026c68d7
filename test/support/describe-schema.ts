import { Client } from 'pg'

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** What a database holds: every column with its type, every constraint, index and trigger with its definition. */
export const describeSchema = (url: string) =>
  query(
    url,
    `SELECT format('%s.%s.%s %s%s', table_schema, table_name, column_name, format_type(attribute.atttypid, attribute.atttypmod),
              CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END) AS line
     FROM information_schema.columns
     JOIN pg_attribute attribute ON attrelid = format('%I.%I', table_schema, table_name)::regclass AND attname = column_name
     WHERE table_schema IN ('public', 'graphile_worker')
     UNION ALL
     SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid)) FROM pg_constraint
     JOIN pg_namespace ON pg_namespace.oid = connamespace WHERE nspname IN ('public', 'graphile_worker')
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'graphile_worker')
     UNION ALL
     SELECT format('%s %s', tgenabled, pg_get_triggerdef(pg_trigger.oid)) FROM pg_trigger
     JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname IN ('public', 'graphile_worker') AND NOT tgisinternal
     UNION ALL
     SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('public', 'information_schema')
     UNION ALL
     SELECT format('function %s', pg_proc.oid::regprocedure) FROM pg_proc
     JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname IN ('public', 'graphile_worker')
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
     ORDER BY line`,
  ).then((rows) => rows.map(({ line }) => line as string))
