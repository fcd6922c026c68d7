import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Events that those who follow a topic can read again. */
export class EventStream1768000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE stream_topics (
        name text CONSTRAINT stream_topics_pkey PRIMARY KEY,
        last_number bigint NOT NULL
      );

      CREATE TABLE stream_events (
        topic text NOT NULL,
        number bigint NOT NULL,
        event jsonb NOT NULL,
        happened_at timestamptz(3) NOT NULL,
        CONSTRAINT stream_events_pkey PRIMARY KEY (topic, number)
      );
      CREATE INDEX stream_events_happened_at_index ON stream_events (happened_at);
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE stream_events, stream_topics')
  }
}
