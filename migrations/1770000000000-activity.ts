import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What people do, by month, in the schema of partitions where nobody but the owner may do anything. An event's id begins with the moment
 * at which it happened, so one index by it is also one by time, and tells an event that comes twice. No foreign keys: thousands of rows a
 * second would each look for their person.
 */
export class Activity1770000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE activity_events (
        id uuid NOT NULL,
        occurred_at timestamptz(3) NOT NULL,
        received_at timestamptz(3) NOT NULL,
        person_id uuid,
        anonymous_id uuid,
        session_id uuid,
        kind text NOT NULL,
        name text NOT NULL,
        definition_version integer NOT NULL,
        retention text NOT NULL,
        properties jsonb NOT NULL,
        path text,
        device_class text,
        browser text,
        os text,
        network text,
        CONSTRAINT activity_events_pkey PRIMARY KEY (id, occurred_at),
        CONSTRAINT activity_events_kind_check CHECK (kind IN ('PAGE_VIEW', 'SCREEN', 'TRANSACTION', 'CUSTOM', 'API_REQUEST')),
        CONSTRAINT activity_events_retention_check CHECK (retention IN ('SHORT', 'STANDARD', 'LONG')),
        CONSTRAINT activity_events_whose_check CHECK (person_id IS NULL OR anonymous_id IS NULL)
      ) PARTITION BY RANGE (occurred_at);
      CREATE INDEX activity_events_person_id_index ON activity_events (person_id, id) WHERE person_id IS NOT NULL;
      CREATE INDEX activity_events_anonymous_id_index ON activity_events (anonymous_id, id) WHERE anonymous_id IS NOT NULL;
      -- Rows come nearly in the order of both, so it is a few pages, and costs a write next to nothing.
      CREATE INDEX activity_events_time_index ON activity_events USING brin (occurred_at, received_at)
        WITH (pages_per_range = 32, autosummarize = on);
      CREATE TABLE partitions.activity_events_default PARTITION OF activity_events DEFAULT;

      CREATE TABLE activity_links (
        id uuid NOT NULL CONSTRAINT activity_links_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT activity_links_person_id_fkey REFERENCES users (id),
        linked_at timestamptz(3) NOT NULL
      );
      CREATE INDEX activity_links_person_id_index ON activity_links (person_id);

      CREATE TABLE activity_sweeps (
        retention text NOT NULL CONSTRAINT activity_sweeps_pkey PRIMARY KEY,
        swept_until timestamptz(3) NOT NULL
      )`)
    // The role of requests may call both, and nothing that it could say changes what is done: a month is made beside the table and
    // attached to it, for which no writer waits; one goes once the longest class of retention is over for all of it.
    await queryRunner.query(`
      CREATE FUNCTION make_activity_partitions() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '30ms' AS $$
      DECLARE
        first timestamptz;
        name text;
      BEGIN
        -- What happened a week ago may be told today.
        FOR first IN SELECT generate_series(date_trunc('month', now() - interval '8 days'), now() + interval '3 months', interval '1 month') LOOP
          name := 'activity_events' || to_char(first, '_YYYY_MM');
          CONTINUE WHEN to_regclass('partitions.' || name) IS NOT NULL;
          BEGIN
            EXECUTE format('CREATE TABLE partitions.%I (LIKE public.activity_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('ALTER TABLE public.activity_events ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)',
              name, first, first + interval '1 month');
            RETURN NEXT name;
          EXCEPTION
            -- It has its place already, row by row in the default partition, where it stays.
            WHEN invalid_object_definition OR check_violation THEN NULL;
          END;
        END LOOP;
      END $$;
      REVOKE EXECUTE ON FUNCTION make_activity_partitions() FROM PUBLIC;
      SELECT make_activity_partitions();

      CREATE FUNCTION drop_activity_partition(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET lock_timeout = '30ms' AS $$
      DECLARE
        bound text;
        until timestamptz;
      BEGIN
        SELECT pg_get_expr(relpartbound, pg_class.oid) INTO bound
        FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
        WHERE relname = name AND relnamespace = 'partitions'::regnamespace AND inhparent = 'public.activity_events'::regclass;
        IF NOT FOUND THEN
          RAISE EXCEPTION '% is no partition of activity, and nothing else is dropped.', coalesce(name, 'NULL')
            USING ERRCODE = 'undefined_table';
        END IF;
        until := substring(bound FROM $re$TO \\('([^']+)'\\)$re$);
        IF until IS NULL OR until > now() - interval '36 months' THEN
          RAISE EXCEPTION '% stays: what is in it may still be kept.', name USING ERRCODE = 'insufficient_privilege';
        END IF;
        EXECUTE format('DROP TABLE partitions.%I', name);
      END $$;
      REVOKE EXECUTE ON FUNCTION drop_activity_partition(text) FROM PUBLIC;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION drop_activity_partition(text);
      DROP FUNCTION make_activity_partitions();
      DROP TABLE activity_sweeps, activity_links, activity_events
    `)
  }
}
