import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people say against decisions of moderation. */
export class Appeals1768510000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Of one decision: one, which goes with it.
      CREATE TABLE appeals (
        id uuid CONSTRAINT appeals_pkey PRIMARY KEY,
        decision_id uuid NOT NULL CONSTRAINT appeals_decision_id_key UNIQUE
          CONSTRAINT appeals_decision_id_fkey REFERENCES moderation_decisions (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT appeals_user_id_fkey REFERENCES users (id),
        appeal_text bytea NOT NULL,
        status text NOT NULL CONSTRAINT appeals_status_check CHECK (status IN ('open', 'upheld', 'overturned')),
        created_at timestamptz(3) NOT NULL,
        answer bytea,
        decided_by_id uuid CONSTRAINT appeals_decided_by_id_fkey REFERENCES users (id),
        decided_at timestamptz(3),
        version integer NOT NULL
      );
      CREATE INDEX appeals_status_index ON appeals (status, created_at, id);
      CREATE INDEX appeals_decided_at_index ON appeals (decided_at);
      CREATE INDEX appeals_user_id_index ON appeals (user_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE appeals')
  }
}
