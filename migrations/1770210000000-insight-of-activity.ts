import type { MigrationInterface, QueryRunner } from 'typeorm'

const slot = (at: string) => `date_bin('15 minutes', ${at}, timestamptz '2000-01-01 00:00:00+00')`

/** Figures of activity: a statement that adds events marks their slots, and one that tells who a visitor was those of the last weeks. */
export class InsightOfActivity1770210000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION mark_added_activity() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.insight_marks (source, slot_at) SELECT DISTINCT 'activity_events', ${slot('occurred_at')} FROM added;
          RETURN NULL;
        END $$;
      CREATE TRIGGER activity_events_added_insight AFTER INSERT ON activity_events REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION mark_added_activity();

      -- What is kept for the shortest time is there for 30 days; older slots stay as they were counted.
      CREATE FUNCTION mark_linked_activity() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO public.insight_marks (source, slot_at)
          SELECT DISTINCT 'activity_events', ${slot('event.occurred_at')}
          FROM added JOIN public.activity_events event
            ON event.anonymous_id = added.id AND event.occurred_at > added.linked_at - interval '29 days';
          RETURN NULL;
        END $$;
      CREATE TRIGGER activity_links_added_insight AFTER INSERT ON activity_links REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION mark_linked_activity();

      INSERT INTO insight_marks (source, slot_at) SELECT DISTINCT 'activity_events', ${slot('occurred_at')} FROM activity_events;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER activity_events_added_insight ON activity_events;
      DROP TRIGGER activity_links_added_insight ON activity_links;
      DROP FUNCTION mark_added_activity, mark_linked_activity;
      DELETE FROM insight_marks WHERE source = 'activity_events';
    `)
  }
}
