import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What people say to a post, and how they react to posts and comments. */
export class Comments1768200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- A post that goes for good takes with it what hangs on it, whoever has written it.
      CREATE TABLE threads (
        post_id uuid CONSTRAINT threads_pkey PRIMARY KEY
          CONSTRAINT threads_post_id_fkey REFERENCES posts (id) ON DELETE CASCADE,
        comment_count integer NOT NULL CONSTRAINT threads_comment_count_check CHECK (comment_count >= 0),
        closed_at timestamptz(3)
      );

      CREATE TABLE comments (
        id uuid CONSTRAINT comments_pkey PRIMARY KEY,
        post_id uuid NOT NULL CONSTRAINT comments_post_id_fkey REFERENCES threads (post_id) ON DELETE CASCADE,
        parent_id uuid CONSTRAINT comments_parent_id_fkey REFERENCES comments (id) ON DELETE CASCADE,
        depth integer NOT NULL,
        author_id uuid NOT NULL CONSTRAINT comments_author_id_fkey REFERENCES users (id),
        body text NOT NULL,
        body_html text NOT NULL,
        markup_version integer NOT NULL,
        reply_count integer NOT NULL CONSTRAINT comments_reply_count_check CHECK (reply_count >= 0),
        created_at timestamptz(3) NOT NULL,
        edited_at timestamptz(3),
        deleted_at timestamptz(3),
        version integer NOT NULL
      );
      CREATE INDEX comments_post_id_index ON comments (post_id, created_at, id) WHERE parent_id IS NULL;
      CREATE INDEX comments_all_post_id_index ON comments (post_id);
      CREATE INDEX comments_parent_id_index ON comments (parent_id, created_at, id) WHERE parent_id IS NOT NULL;
      CREATE INDEX comments_author_id_index ON comments (author_id, created_at, id);

      CREATE TABLE mentions (
        comment_id uuid NOT NULL CONSTRAINT mentions_comment_id_fkey REFERENCES comments (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT mentions_user_id_fkey REFERENCES users (id),
        CONSTRAINT mentions_pkey PRIMARY KEY (comment_id, user_id)
      );
      CREATE INDEX mentions_user_id_index ON mentions (user_id);

      -- Of one person on one thing: one.
      CREATE TABLE reactions (
        subject_id uuid NOT NULL,
        user_id uuid NOT NULL CONSTRAINT reactions_user_id_fkey REFERENCES users (id),
        kind text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT reactions_pkey PRIMARY KEY (subject_id, user_id)
      );
      CREATE INDEX reactions_user_id_index ON reactions (user_id);

      CREATE TABLE reaction_counts (
        subject_id uuid NOT NULL,
        kind text NOT NULL,
        count integer NOT NULL,
        CONSTRAINT reaction_counts_pkey PRIMARY KEY (subject_id, kind)
      );

      -- Whoever changes reactions, be it erasure, changes their counts.
      CREATE FUNCTION count_reactions() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          -- In one order: those who change the same counts at once wait for each other, and never both.
          INSERT INTO reaction_counts AS counted (subject_id, kind, count)
          SELECT subject_id, kind, change
          FROM (VALUES (OLD.subject_id, OLD.kind, -1), (NEW.subject_id, NEW.kind, 1)) changed (subject_id, kind, change)
          WHERE subject_id IS NOT NULL ORDER BY kind
          ON CONFLICT (subject_id, kind) DO UPDATE SET count = counted.count + excluded.count;
          RETURN NULL;
        END $$;
      CREATE FUNCTION forget_reactions() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          DELETE FROM reactions WHERE subject_id = OLD.id;
          DELETE FROM reaction_counts WHERE subject_id = OLD.id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER posts_reactions_forgotten AFTER DELETE ON posts FOR EACH ROW EXECUTE FUNCTION forget_reactions();
      CREATE TRIGGER comments_reactions_forgotten AFTER DELETE ON comments FOR EACH ROW EXECUTE FUNCTION forget_reactions();
      CREATE TRIGGER reactions_counted AFTER INSERT OR UPDATE OR DELETE ON reactions
        FOR EACH ROW EXECUTE FUNCTION count_reactions();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER posts_reactions_forgotten ON posts;
      DROP TABLE reaction_counts, reactions, mentions, comments, threads;
      DROP FUNCTION count_reactions, forget_reactions;
    `)
  }
}
