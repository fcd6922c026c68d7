import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people are told, by which mail they have yet to be told, and what they do not want to hear of. */
export class Notifications1769600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE notifications (
        id uuid CONSTRAINT notifications_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT notifications_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        topic text NOT NULL,
        kind text NOT NULL,
        group_key text NOT NULL,
        is_open boolean NOT NULL,
        is_in_inbox boolean NOT NULL,
        target text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        happened_at timestamptz(3) NOT NULL,
        read_at timestamptz(3),
        mailed_at timestamptz(3),
        CONSTRAINT notifications_open_check CHECK (NOT is_open OR read_at IS NULL)
      );
      CREATE UNIQUE INDEX notifications_group_key_key ON notifications (user_id, group_key) WHERE is_open;
      CREATE INDEX notifications_inbox_index ON notifications (user_id, happened_at, id);
      CREATE INDEX notifications_unread_index ON notifications (user_id, happened_at, id) WHERE is_in_inbox AND read_at IS NULL;
      CREATE INDEX notifications_happened_at_index ON notifications (happened_at);

      CREATE TABLE notification_causes (
        user_id uuid NOT NULL CONSTRAINT notification_causes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        key text NOT NULL,
        notification_id uuid NOT NULL
          CONSTRAINT notification_causes_notification_id_fkey REFERENCES notifications (id) ON DELETE CASCADE,
        actor_id uuid NOT NULL CONSTRAINT notification_causes_actor_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        happened_at timestamptz(3) NOT NULL,
        CONSTRAINT notification_causes_pkey PRIMARY KEY (key, user_id)
      );
      CREATE INDEX notification_causes_user_id_index ON notification_causes (user_id);
      CREATE INDEX notification_causes_actor_id_index ON notification_causes (actor_id);
      CREATE INDEX notification_causes_notification_id_index ON notification_causes (notification_id, actor_id, happened_at);

      CREATE TABLE notification_mails (
        notification_id uuid CONSTRAINT notification_mails_pkey PRIMARY KEY
          CONSTRAINT notification_mails_notification_id_fkey REFERENCES notifications (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT notification_mails_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        due_at timestamptz(3) NOT NULL
      );
      CREATE INDEX notification_mails_user_id_index ON notification_mails (user_id);
      CREATE INDEX notification_mails_due_at_index ON notification_mails (due_at, user_id);

      CREATE TABLE notification_digests (
        user_id uuid CONSTRAINT notification_digests_pkey PRIMARY KEY
          CONSTRAINT notification_digests_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        due_at timestamptz(3) NOT NULL
      );
      CREATE INDEX notification_digests_due_at_index ON notification_digests (due_at, user_id);

      CREATE TABLE notification_mutes (
        user_id uuid NOT NULL CONSTRAINT notification_mutes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        post_id uuid NOT NULL CONSTRAINT notification_mutes_post_id_fkey REFERENCES posts (id) ON DELETE CASCADE,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT notification_mutes_pkey PRIMARY KEY (user_id, post_id)
      );
      CREATE INDEX notification_mutes_post_id_index ON notification_mutes (post_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE notification_mutes, notification_digests, notification_mails, notification_causes, notifications',
    )
  }
}
