import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Mails and text messages commit with their cause, and are sent from there; addresses that do not take them are known. */
export class Deliveries1769300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE deliveries (
        id uuid CONSTRAINT deliveries_pkey PRIMARY KEY,
        channel text NOT NULL CONSTRAINT deliveries_channel_check CHECK (channel IN ('email', 'sms')),
        template text NOT NULL,
        user_id uuid,
        is_decoy boolean NOT NULL,
        letter bytea,
        address_index bytea NOT NULL,
        deduplication_key text CONSTRAINT deliveries_deduplication_key UNIQUE,
        status text NOT NULL CONSTRAINT deliveries_status_check CHECK (status IN ('pending', 'sent', 'failed', 'suppressed', 'expired')),
        response text,
        retry_count integer NOT NULL,
        attempt_count integer NOT NULL,
        next_attempt_at timestamptz(3),
        claimed_until timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        send_by timestamptz(3) NOT NULL,
        expires_at timestamptz(3),
        finished_at timestamptz(3),
        CONSTRAINT deliveries_pending_check CHECK ((next_attempt_at IS NOT NULL) = (status = 'pending')),
        CONSTRAINT deliveries_finished_check CHECK ((finished_at IS NULL) = (status = 'pending')),
        CONSTRAINT deliveries_claimed_check CHECK (claimed_until IS NULL OR status = 'pending'),
        CONSTRAINT deliveries_letter_check CHECK (letter IS NOT NULL OR status <> 'pending')
      );
      CREATE INDEX deliveries_created_at_index ON deliveries (created_at, id);
      CREATE INDEX deliveries_status_index ON deliveries (status, created_at, id);
      CREATE INDEX deliveries_user_id_index ON deliveries (user_id);
      CREATE INDEX deliveries_due_index ON deliveries (channel, (expires_at IS NULL), next_attempt_at, id) WHERE status = 'pending';
      CREATE INDEX deliveries_decoy_index ON deliveries (id) WHERE is_decoy;
      -- What was given up keeps its letter for a while, so that it can be sent again.
      CREATE INDEX deliveries_finished_index ON deliveries (finished_at) WHERE letter IS NOT NULL AND finished_at IS NOT NULL;

      -- A letter is under a data key of its own, which goes with it, whoever removes it: so no backup can read what was sent.
      CREATE FUNCTION forget_letter_keys() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM public.data_keys WHERE owner_id = OLD.id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER deliveries_letter_cleared AFTER UPDATE OF letter ON deliveries
        FOR EACH ROW WHEN (OLD.letter IS NOT NULL AND NEW.letter IS NULL) EXECUTE FUNCTION forget_letter_keys();
      CREATE TRIGGER deliveries_letter_deleted AFTER DELETE ON deliveries
        FOR EACH ROW WHEN (OLD.letter IS NOT NULL) EXECUTE FUNCTION forget_letter_keys();

      CREATE TABLE delivery_rates (
        channel text CONSTRAINT delivery_rates_pkey PRIMARY KEY,
        free_at timestamptz(6) NOT NULL
      );

      CREATE TABLE suppressions (
        address_index bytea NOT NULL,
        reason text NOT NULL CONSTRAINT suppressions_reason_check CHECK (reason IN ('bounced', 'complained')),
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT suppressions_pkey PRIMARY KEY (address_index, reason)
      );
      CREATE INDEX suppressions_created_at_index ON suppressions (created_at);

      CREATE TABLE unsubscriptions (
        user_id uuid NOT NULL CONSTRAINT unsubscriptions_user_id_fkey REFERENCES users (id),
        topic text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT unsubscriptions_pkey PRIMARY KEY (user_id, topic)
      );

      ALTER TABLE emails ADD COLUMN bounced_at timestamptz(3), ADD COLUMN complained_at timestamptz(3);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE emails DROP COLUMN bounced_at, DROP COLUMN complained_at;
      DROP TABLE unsubscriptions, suppressions, delivery_rates;
      DELETE FROM data_keys WHERE owner_id IN (SELECT id FROM deliveries);
      DROP TABLE deliveries;
      DROP FUNCTION forget_letter_keys;
    `)
  }
}
