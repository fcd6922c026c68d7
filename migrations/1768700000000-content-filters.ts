import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What staff want to be flagged, held or refused, what was found, and what waits for a moderator because of it. */
export class ContentFilters1768700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE content_filters (
        id uuid CONSTRAINT content_filters_pkey PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL CONSTRAINT content_filters_kind_check CHECK (kind IN ('words', 'links', 'rate')),
        action text NOT NULL CONSTRAINT content_filters_action_check CHECK (action IN ('flag', 'hold', 'refuse')),
        covers text[] NOT NULL
          CONSTRAINT content_filters_covers_check CHECK (covers <@ ARRAY['post', 'comment', 'message'] AND covers <> '{}'),
        terms jsonb NOT NULL,
        younger_than_days integer,
        fewer_posts_than integer,
        message_to_author text,
        is_enabled boolean NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        version integer NOT NULL,
        -- Nobody but those who take part reads a private message, so nobody can be asked about one.
        CONSTRAINT content_filters_messages_check CHECK (NOT 'message' = ANY (covers) OR action = 'refuse')
      );
      CREATE UNIQUE INDEX content_filters_name_key ON content_filters (lower(name));
      CREATE INDEX content_filters_created_at_index ON content_filters (created_at, id);

      -- A filter that is deleted leaves its name here.
      CREATE TABLE content_filter_matches (
        id uuid CONSTRAINT content_filter_matches_pkey PRIMARY KEY,
        case_id uuid NOT NULL
          CONSTRAINT content_filter_matches_case_id_fkey REFERENCES moderation_cases (id) ON DELETE CASCADE,
        filter_id uuid NOT NULL,
        filter_name text NOT NULL,
        action text NOT NULL,
        author_id uuid NOT NULL CONSTRAINT content_filter_matches_author_id_fkey REFERENCES users (id),
        found_parts bytea NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT content_filter_matches_case_id_filter_id_key UNIQUE (case_id, filter_id)
      );
      CREATE INDEX content_filter_matches_author_id_index ON content_filter_matches (author_id);

      ALTER TABLE posts DROP CONSTRAINT posts_status_check;
      ALTER TABLE posts ADD CONSTRAINT posts_status_check
        CHECK (status IN ('draft', 'scheduled', 'published', 'archived', 'removed', 'held'));
      -- How much somebody has published of late, and how much of it waits.
      CREATE INDEX posts_author_any_published_at_index ON posts (author_id, published_at) WHERE published_at IS NOT NULL;
      CREATE INDEX posts_held_author_id_index ON posts (author_id, updated_at) WHERE status = 'held';
      CREATE INDEX messages_sender_created_at_index ON messages (sender_id, created_at);

      ALTER TABLE comments
        ADD COLUMN held_at timestamptz(3),
        ADD COLUMN is_unseen boolean NOT NULL DEFAULT false;

      ALTER TABLE moderation_decisions ADD COLUMN is_detected_automatically boolean NOT NULL DEFAULT false;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE moderation_decisions DROP COLUMN is_detected_automatically;
      -- What nobody has seen stays unseen.
      UPDATE comments SET removed_at = held_at WHERE held_at IS NOT NULL;
      ALTER TABLE comments DROP COLUMN held_at, DROP COLUMN is_unseen;
      DROP INDEX messages_sender_created_at_index, posts_held_author_id_index, posts_author_any_published_at_index;
      UPDATE posts SET status = 'removed' WHERE status = 'held';
      ALTER TABLE posts DROP CONSTRAINT posts_status_check;
      ALTER TABLE posts ADD CONSTRAINT posts_status_check
        CHECK (status IN ('draft', 'scheduled', 'published', 'archived', 'removed'));
      DROP TABLE content_filter_matches, content_filters;
    `)
  }
}
