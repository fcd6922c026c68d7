import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What many people are told at once; nobody in particular has done it. */
export class Announcements1769720000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE announcements (
        id uuid CONSTRAINT announcements_pkey PRIMARY KEY,
        created_by_id uuid CONSTRAINT announcements_created_by_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        session_id uuid NOT NULL,
        request_id text,
        texts json NOT NULL,
        whom bytea NOT NULL,
        is_for_everybody boolean NOT NULL,
        per_minute integer NOT NULL CONSTRAINT announcements_per_minute_check CHECK (per_minute > 0),
        send_at timestamptz(3) NOT NULL,
        next_at timestamptz(3) NOT NULL,
        served_up_to uuid,
        served_count integer NOT NULL,
        told_count integer NOT NULL,
        mailed_count integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        started_at timestamptz(3),
        ended_at timestamptz(3),
        is_cancelled boolean NOT NULL,
        CONSTRAINT announcements_counts_check CHECK (mailed_count <= told_count AND told_count <= served_count),
        CONSTRAINT announcements_end_check CHECK (ended_at IS NOT NULL OR NOT is_cancelled)
      );
      CREATE INDEX announcements_send_at_index ON announcements (send_at, id);
      CREATE INDEX announcements_next_at_index ON announcements (next_at, id) WHERE ended_at IS NULL;
      CREATE INDEX announcements_ended_at_index ON announcements (ended_at);
      CREATE INDEX announcements_created_by_id_index ON announcements (created_by_id);

      ALTER TABLE notification_causes ALTER COLUMN actor_id DROP NOT NULL;
      CREATE INDEX notifications_announcement_index ON notifications (group_key, user_id) INCLUDE (read_at) WHERE kind = 'announcement';
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DELETE FROM notifications WHERE kind = 'announcement';
      DELETE FROM notification_causes WHERE actor_id IS NULL;
      ALTER TABLE notification_causes ALTER COLUMN actor_id SET NOT NULL;
      DROP INDEX notifications_announcement_index;
      DROP TABLE announcements;
    `)
  }
}
