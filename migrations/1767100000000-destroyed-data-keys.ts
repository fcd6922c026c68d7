import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * May run on a table that is so already: a restore makes room for the keys of this schema before it brings an older archive's
 * schema here.
 */
export const DESTROYED_DATA_KEYS = `
  ALTER TABLE public.data_keys ALTER COLUMN wrapped DROP NOT NULL;
  ALTER TABLE public.data_keys ADD COLUMN IF NOT EXISTS destroyed_at timestamptz(3);
  ALTER TABLE public.data_keys DROP CONSTRAINT IF EXISTS data_keys_destroyed_check;
  ALTER TABLE public.data_keys ADD CONSTRAINT data_keys_destroyed_check CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL));

  -- The bytes before the ciphertext name the key that wraps it.
  CREATE OR REPLACE FUNCTION public.wrapping_key_id(wrapped bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(wrapped) > 1 THEN encode(substring(wrapped, 3, get_byte(wrapped, 1)), 'escape') END
  $$;
  CREATE INDEX IF NOT EXISTS data_keys_wrapping_key_index ON public.data_keys (public.wrapping_key_id(wrapped), owner_id)
    WHERE wrapped IS NOT NULL;
`

/** A destroyed data key stays as a row without a key, and each is found by what wraps it. */
export class DestroyedDataKeys1767100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DESTROYED_DATA_KEYS)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX data_keys_wrapping_key_index;
      DROP FUNCTION wrapping_key_id;
      DELETE FROM data_keys WHERE wrapped IS NULL;
      ALTER TABLE data_keys DROP CONSTRAINT data_keys_destroyed_check, DROP COLUMN destroyed_at, ALTER COLUMN wrapped SET NOT NULL
    `)
  }
}
