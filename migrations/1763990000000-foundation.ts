import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The six types of the first release, the data keys and the pending proofs they stand on. */
export class Foundation1763990000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE data_keys (
        owner_id uuid CONSTRAINT data_keys_pkey PRIMARY KEY,
        wrapped bytea NOT NULL,
        created_at timestamptz(3) NOT NULL
      );

      CREATE TABLE users (
        id uuid CONSTRAINT users_pkey PRIMARY KEY,
        username text NOT NULL CONSTRAINT users_username_key UNIQUE,
        display_name text NOT NULL,
        bio text,
        locale text NOT NULL,
        time_zone text NOT NULL,
        status text NOT NULL CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended')),
        last_seen_at timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        version integer NOT NULL
      );
      CREATE INDEX users_created_at_index ON users (created_at, id);
      CREATE INDEX users_display_name_index ON users (lower(display_name), id);

      CREATE TABLE emails (
        id uuid CONSTRAINT emails_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT emails_user_id_fkey REFERENCES users (id),
        address bytea NOT NULL,
        address_index bytea NOT NULL CONSTRAINT emails_address_key UNIQUE,
        is_primary boolean NOT NULL,
        verified_at timestamptz(3),
        created_at timestamptz(3) NOT NULL
      );
      CREATE INDEX emails_user_id_index ON emails (user_id);
      CREATE UNIQUE INDEX emails_one_primary_key ON emails (user_id) WHERE is_primary;

      CREATE TABLE passwords (
        user_id uuid CONSTRAINT passwords_pkey PRIMARY KEY CONSTRAINT passwords_user_id_fkey REFERENCES users (id),
        hash text NOT NULL,
        changed_at timestamptz(3) NOT NULL
      );

      CREATE TABLE challenges (
        id uuid CONSTRAINT challenges_pkey PRIMARY KEY,
        kind text NOT NULL CONSTRAINT challenges_kind_check CHECK (kind IN ('sign-up')),
        subject_id uuid NOT NULL,
        code_hash bytea NOT NULL,
        state bytea NOT NULL,
        failures integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL
      );
      CREATE INDEX challenges_expires_at_index ON challenges (expires_at);

      CREATE TABLE sessions (
        id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users (id),
        token_hash bytea NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
        transport text NOT NULL CONSTRAINT sessions_transport_check CHECK (transport IN ('bearer', 'cookie')),
        device_name text NOT NULL,
        address bytea,
        created_at timestamptz(3) NOT NULL,
        authenticated_at timestamptz(3) NOT NULL,
        last_seen_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        ended_at timestamptz(3),
        end_reason text
      );
      CREATE INDEX sessions_user_id_index ON sessions (user_id, created_at, id);

      CREATE TABLE roles (
        id uuid CONSTRAINT roles_pkey PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        permissions text[] NOT NULL,
        is_built_in boolean NOT NULL,
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL
      );
      CREATE UNIQUE INDEX roles_name_key ON roles (lower(name));

      CREATE TABLE role_grants (
        id uuid CONSTRAINT role_grants_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT role_grants_user_id_fkey REFERENCES users (id),
        role_id uuid NOT NULL CONSTRAINT role_grants_role_id_fkey REFERENCES roles (id),
        granted_by_id uuid,
        expires_at timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT role_grants_user_id_role_id_key UNIQUE (user_id, role_id)
      );
      CREATE INDEX role_grants_role_id_index ON role_grants (role_id);

      CREATE TABLE preferences (
        user_id uuid NOT NULL CONSTRAINT preferences_user_id_fkey REFERENCES users (id),
        key text NOT NULL,
        value jsonb NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT preferences_pkey PRIMARY KEY (user_id, key)
      );

      CREATE TABLE posts (
        id uuid CONSTRAINT posts_pkey PRIMARY KEY,
        author_id uuid NOT NULL CONSTRAINT posts_author_id_fkey REFERENCES users (id),
        slug text NOT NULL CONSTRAINT posts_slug_key UNIQUE,
        title text NOT NULL,
        body text NOT NULL,
        tags text[] NOT NULL,
        status text NOT NULL CONSTRAINT posts_status_check CHECK (status IN ('draft', 'published')),
        published_at timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        version integer NOT NULL
      );
      CREATE INDEX posts_published_at_index ON posts (published_at, id) WHERE status = 'published' AND deleted_at IS NULL;
      CREATE INDEX posts_created_at_index ON posts (created_at, id) WHERE deleted_at IS NULL;
      CREATE INDEX posts_author_id_index ON posts (author_id, created_at, id) WHERE deleted_at IS NULL;
      CREATE INDEX posts_author_published_at_index ON posts (author_id, published_at, id)
        WHERE status = 'published' AND deleted_at IS NULL;
      CREATE INDEX posts_tags_index ON posts USING gin (tags) WHERE deleted_at IS NULL;

      CREATE TABLE idempotency_records (
        owner_id uuid NOT NULL,
        key_hash bytea NOT NULL,
        request_hash bytea NOT NULL,
        answer bytea,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        CONSTRAINT idempotency_records_pkey PRIMARY KEY (owner_id, key_hash)
      );
      CREATE INDEX idempotency_records_expires_at_index ON idempotency_records (expires_at);

      CREATE TABLE audit_events (
        id uuid CONSTRAINT audit_events_pkey PRIMARY KEY,
        occurred_at timestamptz(3) NOT NULL,
        action text NOT NULL,
        outcome text NOT NULL CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'failure', 'refused')),
        actor_id uuid,
        subject_id uuid,
        owner_id uuid NOT NULL,
        session_id uuid,
        target text,
        request_id text,
        address bytea,
        details jsonb NOT NULL
      );
      CREATE INDEX audit_events_occurred_at_index ON audit_events (occurred_at, id);
      CREATE INDEX audit_events_actor_id_index ON audit_events (actor_id, occurred_at, id);
      CREATE INDEX audit_events_subject_id_index ON audit_events (subject_id, occurred_at, id);
      CREATE INDEX audit_events_action_index ON audit_events (action, occurred_at, id);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE audit_events, idempotency_records, posts, preferences, role_grants, roles, sessions, challenges, passwords, emails, users, data_keys
    `)
  }
}
