import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Other systems are told what happens: where they want to hear of it, what each is to be told, and how often that was tried. */
export class Webhooks1769100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE webhook_endpoints (
        id uuid CONSTRAINT webhook_endpoints_pkey PRIMARY KEY,
        url text NOT NULL,
        description text NOT NULL,
        events text[] NOT NULL,
        signing_secret bytea NOT NULL,
        previous_signing_secret bytea,
        previous_secret_expires_at timestamptz(3),
        is_enabled boolean NOT NULL,
        disabled_because text CONSTRAINT webhook_endpoints_disabled_because_check CHECK (disabled_because IN ('failing', 'gone')),
        first_failure_at timestamptz(3),
        resumes_at timestamptz(3),
        created_by_id uuid CONSTRAINT webhook_endpoints_created_by_id_fkey REFERENCES users (id) ON DELETE SET NULL,
        created_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        version integer NOT NULL,
        CONSTRAINT webhook_endpoints_disabled_check CHECK (NOT is_enabled OR (disabled_because IS NULL AND deleted_at IS NULL)),
        CONSTRAINT webhook_endpoints_previous_check CHECK ((previous_signing_secret IS NULL) = (previous_secret_expires_at IS NULL))
      );
      CREATE INDEX webhook_endpoints_created_at_index ON webhook_endpoints (created_at, id);
      CREATE INDEX webhook_endpoints_created_by_id_index ON webhook_endpoints (created_by_id);

      CREATE TABLE webhook_deliveries (
        id uuid CONSTRAINT webhook_deliveries_pkey PRIMARY KEY,
        endpoint_id uuid NOT NULL CONSTRAINT webhook_deliveries_endpoint_id_fkey REFERENCES webhook_endpoints (id),
        event_id uuid NOT NULL,
        action text NOT NULL,
        occurred_at timestamptz(3) NOT NULL,
        status text NOT NULL CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
        next_attempt_at timestamptz(3),
        claimed_until timestamptz(3),
        retry_count integer NOT NULL,
        attempt_count integer NOT NULL,
        CONSTRAINT webhook_deliveries_event_key UNIQUE (endpoint_id, event_id),
        CONSTRAINT webhook_deliveries_pending_check CHECK ((next_attempt_at IS NOT NULL) = (status = 'pending')),
        CONSTRAINT webhook_deliveries_claimed_check CHECK (claimed_until IS NULL OR status = 'pending')
      );
      CREATE INDEX webhook_deliveries_occurred_at_index ON webhook_deliveries (endpoint_id, occurred_at, id);
      CREATE INDEX webhook_deliveries_status_index ON webhook_deliveries (endpoint_id, status, occurred_at, id);
      CREATE INDEX webhook_deliveries_due_index ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
      CREATE INDEX webhook_deliveries_claimed_index ON webhook_deliveries (endpoint_id) WHERE claimed_until IS NOT NULL;

      CREATE TABLE webhook_attempts (
        delivery_id uuid NOT NULL CONSTRAINT webhook_attempts_delivery_id_fkey REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
        number integer NOT NULL,
        started_at timestamptz(3) NOT NULL,
        duration_ms integer NOT NULL,
        status_code integer,
        failure text,
        CONSTRAINT webhook_attempts_pkey PRIMARY KEY (delivery_id, number),
        CONSTRAINT webhook_attempts_answer_check CHECK ((status_code IS NULL) <> (failure IS NULL))
      );

      -- What is chosen is an action, the actions of one noun (post.*), or all (*).
      CREATE FUNCTION wants_webhook(events text[], action text) RETURNS boolean LANGUAGE sql IMMUTABLE
        RETURN events && ARRAY['*', split_part(action, '.', 1) || '.*', action];

      -- An event and what is to be sent of it commit together, whoever records it, and in one statement.
      CREATE FUNCTION queue_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.webhook_deliveries
            (id, endpoint_id, event_id, action, occurred_at, status, next_attempt_at, retry_count, attempt_count)
          SELECT gen_random_uuid(), endpoint.id, recorded.id, recorded.action, recorded.occurred_at, 'pending', recorded.occurred_at, 0, 0
          FROM recorded JOIN public.webhook_endpoints endpoint
            ON endpoint.is_enabled AND public.wants_webhook(endpoint.events, recorded.action);
          IF FOUND THEN
            PERFORM pg_notify('portico', '{"topic":"webhooks-due","message":{}}');
          END IF;
          RETURN NULL;
        END $$;
      CREATE TRIGGER audit_events_webhooks AFTER INSERT ON audit_events REFERENCING NEW TABLE AS recorded
        FOR EACH STATEMENT EXECUTE FUNCTION queue_webhooks();
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER audit_events_webhooks ON audit_events;
      DROP FUNCTION queue_webhooks, wants_webhook;
      DROP TABLE webhook_attempts, webhook_deliveries, webhook_endpoints;
    `)
  }
}
