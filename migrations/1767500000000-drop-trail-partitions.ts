import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Lets the role of requests have a partition of the trail dropped once nobody has to keep it. What may go is decided here, by
 * PostgreSQL's own clock, and by nothing that the caller could say or set.
 */
export class DropTrailPartitions1767500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Whoever reads or writes the trail waits until the caller's transaction ends; it gives up soon where somebody reads for long.
    await queryRunner.query(`
      CREATE FUNCTION drop_trail_partition(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET lock_timeout = '1s' AS $$
      DECLARE
        bound text;
        until timestamptz;
      BEGIN
        SELECT pg_get_expr(relpartbound, pg_class.oid) INTO bound
        FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
        WHERE relname = name AND relnamespace = 'partitions'::regnamespace
          AND inhparent IN ('public.audit_events'::regclass, 'public.access_records'::regclass);
        IF NOT FOUND THEN
          RAISE EXCEPTION '% is no partition of the trail, and nothing else is dropped.', coalesce(name, 'NULL')
            USING ERRCODE = 'undefined_table';
        END IF;
        until := substring(bound FROM $re$TO \\('([^']+)'\\)$re$);
        IF until IS NULL THEN
          RAISE EXCEPTION '% stays: its rows may be of any time.', name USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF until > now() - interval '6 years' THEN
          RAISE EXCEPTION '% stays: its rows are kept for six years, until %.', name, until + interval '6 years'
            USING ERRCODE = 'insufficient_privilege';
        END IF;
        EXECUTE format('DROP TABLE partitions.%I', name);
      END $$;
      REVOKE EXECUTE ON FUNCTION drop_trail_partition(text) FROM PUBLIC;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION drop_trail_partition(text)')
  }
}
