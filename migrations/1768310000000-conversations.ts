import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Private conversations, who takes part in them, and their messages. */
export class Conversations1768310000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE conversations (
        id uuid CONSTRAINT conversations_pkey PRIMARY KEY,
        creator_id uuid NOT NULL CONSTRAINT conversations_creator_id_fkey REFERENCES users (id),
        lower_id uuid CONSTRAINT conversations_lower_id_fkey REFERENCES users (id),
        higher_id uuid CONSTRAINT conversations_higher_id_fkey REFERENCES users (id),
        is_group boolean NOT NULL,
        title bytea,
        client_id text,
        last_number integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT conversations_pair_key UNIQUE (lower_id, higher_id),
        CONSTRAINT conversations_client_id_key UNIQUE (creator_id, client_id),
        CONSTRAINT conversations_pair_check CHECK (
          CASE WHEN is_group THEN num_nonnulls(lower_id, higher_id) = 0
          ELSE num_nonnulls(lower_id, higher_id) = 2 AND lower_id < higher_id AND title IS NULL END
        )
      );

      CREATE TABLE conversation_participants (
        id uuid CONSTRAINT conversation_participants_pkey PRIMARY KEY,
        conversation_id uuid NOT NULL
          CONSTRAINT conversation_participants_conversation_id_fkey REFERENCES conversations (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT conversation_participants_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        status text NOT NULL,
        joined_at timestamptz(3) NOT NULL,
        sees_after integer NOT NULL,
        last_read_number integer NOT NULL,
        unread_count integer NOT NULL,
        mute_ends_at timestamptz(3),
        last_activity_at timestamptz(3) NOT NULL,
        CONSTRAINT conversation_participants_conversation_id_key UNIQUE (conversation_id, user_id),
        CONSTRAINT conversation_participants_status_check CHECK (status IN ('REQUESTED', 'ACCEPTED', 'DECLINED', 'LEFT')),
        CONSTRAINT conversation_participants_unread_count_check CHECK (unread_count >= 0)
      );
      CREATE INDEX conversation_participants_user_id_index
        ON conversation_participants (user_id, status, last_activity_at, conversation_id);

      CREATE TABLE messages (
        id uuid CONSTRAINT messages_pkey PRIMARY KEY,
        conversation_id uuid NOT NULL CONSTRAINT messages_conversation_id_fkey REFERENCES conversations (id) ON DELETE CASCADE,
        number integer NOT NULL,
        sender_id uuid NOT NULL CONSTRAINT messages_sender_id_fkey REFERENCES users (id),
        body bytea,
        reply_to_id uuid CONSTRAINT messages_reply_to_id_fkey REFERENCES messages (id) ON DELETE SET NULL,
        client_id text,
        created_at timestamptz(3) NOT NULL,
        edited_at timestamptz(3),
        deleted_at timestamptz(3),
        version integer NOT NULL,
        CONSTRAINT messages_number_key UNIQUE (conversation_id, number),
        CONSTRAINT messages_client_id_key UNIQUE (conversation_id, sender_id, client_id),
        CONSTRAINT messages_deleted_at_check CHECK (deleted_at IS NULL OR body IS NULL)
      );
      CREATE INDEX messages_sender_id_index ON messages (sender_id, conversation_id);
      CREATE INDEX messages_reply_to_id_index ON messages (reply_to_id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE messages; DROP TABLE conversation_participants; DROP TABLE conversations;',
    )
  }
}
