import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The tables of the trail, and every index beside their primary keys, by name. */
const TRAILS: Record<string, Record<string, string>> = {
  audit_events: {
    audit_events_occurred_at_index: '(occurred_at, id)',
    audit_events_actor_id_index: '(actor_id, occurred_at, id)',
    audit_events_subject_id_index: '(subject_id, occurred_at, id)',
    audit_events_action_index: '(action, occurred_at, id)',
    audit_events_security_index: '(subject_id, occurred_at, id) WHERE is_security_event',
    audit_events_disowned_index: `(target) WHERE action = 'account.disowned'`,
    audit_events_impersonator_id_index:
      '(impersonator_id, occurred_at, id) WHERE impersonator_id IS NOT NULL',
  },
  access_records: {
    // What sealing looks for, of everybody.
    access_records_occurred_at_index: '(occurred_at, id)',
    access_records_subject_id_index: '(subject_id, occurred_at, id)',
    access_records_reader_id_index: '(reader_id, occurred_at, id)',
  },
}

/**
 * The trail by month. Partitions stand in a schema where nobody but the owner may do anything: whoever may read the trail or
 * add to it does so through the table above them. What there was becomes the first partition as it is, nothing is copied; what
 * finds no month goes into the default one, so that no write ever fails for want of a partition.
 */
export class TrailPartitions1767200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Whoever may not create one can have it made.
    await queryRunner.query(
      `DO $$ BEGIN IF to_regnamespace('partitions') IS NULL THEN CREATE SCHEMA partitions; END IF; END $$`,
    )
    for (const [table, indexes] of Object.entries(TRAILS)) {
      const past = `partitions.${table}_past`
      await queryRunner.query(`
        ALTER TABLE ${table} SET SCHEMA partitions;
        ALTER TABLE partitions.${table} RENAME TO ${table}_past;
        ALTER TABLE ${past} DROP CONSTRAINT ${table}_pkey, ADD CONSTRAINT ${table}_pkey PRIMARY KEY (id, occurred_at);
        CREATE TABLE public.${table} (
          LIKE ${past} INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
          CONSTRAINT ${table}_pkey PRIMARY KEY (id, occurred_at)
        ) PARTITION BY RANGE (occurred_at);
        ${Object.entries(indexes)
          .map(([name, definition]) => `CREATE INDEX ${name} ON public.${table} ${definition};`)
          .join('\n')}
        CREATE TABLE partitions.${table}_default PARTITION OF public.${table} DEFAULT;
        DO $$ DECLARE
          next_month text := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
          given record;
        BEGIN
          EXECUTE format('ALTER TABLE ${past} ADD CONSTRAINT is_past CHECK (occurred_at < %L)', next_month || ' UTC');
          EXECUTE format('ALTER TABLE public.${table} ATTACH PARTITION ${past} FOR VALUES FROM (MINVALUE) TO (%L)', next_month || ' UTC');
          ALTER TABLE ${past} DROP CONSTRAINT is_past;
          FOR given IN SELECT * FROM pg_class, aclexplode(relacl) WHERE oid = '${past}'::regclass AND grantee <> relowner LOOP
            EXECUTE format('GRANT %s ON public.${table} TO %s', given.privilege_type, coalesce(nullif(given.grantee, 0)::regrole::text, 'PUBLIC'));
            EXECUTE format('REVOKE ALL ON ${past} FROM %s', coalesce(nullif(given.grantee, 0)::regrole::text, 'PUBLIC'));
          END LOOP;
        END $$`)
    }
    // The role of requests may call it, and nothing that it could say changes what is done. A partition is made beside the
    // table and attached to it, for which no writer waits; readers do, as the default partition is looked through, so it gives
    // up soon where somebody reads for long.
    await queryRunner.query(`
      CREATE FUNCTION make_trail_partitions() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
      DECLARE
        this_month timestamptz := date_trunc('month', now());
        first timestamptz;
        trail text;
        name text;
      BEGIN
        FOREACH trail IN ARRAY ARRAY['${Object.keys(TRAILS).join("', '")}'] LOOP
          FOR ahead IN 0..3 LOOP
            first := this_month + ahead * interval '1 month';
            name := trail || to_char(first, '_YYYY_MM');
            CONTINUE WHEN to_regclass('partitions.' || name) IS NOT NULL;
            BEGIN
              EXECUTE format('CREATE TABLE partitions.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, trail);
              EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)',
                trail, name, first, first + interval '1 month');
              RETURN NEXT name;
            EXCEPTION
              -- It has its place already: in the first partition, or row by row in the default one, where it stays.
              WHEN invalid_object_definition OR check_violation THEN NULL;
            END;
          END LOOP;
        END LOOP;
      END $$;
      REVOKE EXECUTE ON FUNCTION make_trail_partitions() FROM PUBLIC;
      SELECT make_trail_partitions();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION make_trail_partitions()')
    for (const [table, indexes] of Object.entries(TRAILS)) {
      await queryRunner.query(`
        CREATE TABLE public.whole (LIKE public.${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        INSERT INTO public.whole SELECT * FROM public.${table};
        DROP TABLE public.${table};
        ALTER TABLE public.whole RENAME TO ${table};
        ALTER TABLE public.${table} ADD CONSTRAINT ${table}_pkey PRIMARY KEY (id);
        ${Object.entries(indexes)
          .filter(([name]) => name !== 'access_records_occurred_at_index')
          .map(([name, definition]) => `CREATE INDEX ${name} ON public.${table} ${definition};`)
          .join('\n')}
      `)
    }
    await queryRunner.query('DROP SCHEMA partitions')
  }
}
