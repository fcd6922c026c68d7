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

      -- How far somebody came: for each step the latest beginning from which it was reached, over their events in order.
      CREATE FUNCTION funnel_step(reached timestamptz[], steps integer[], at timestamptz, within interval) RETURNS timestamptz[]
        LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE
          step integer;
        BEGIN
          -- The last step first, so that one event is not two of them.
          FOREACH step IN ARRAY steps LOOP
            IF step = 1 THEN
              reached[1] := at;
            ELSIF at - reached[step - 1] <= within THEN
              reached[step] := greatest(reached[step], reached[step - 1]);
            END IF;
          END LOOP;
          RETURN reached;
        END $$;
      CREATE FUNCTION funnel_end(reached timestamptz[]) RETURNS integer LANGUAGE sql IMMUTABLE
        RETURN coalesce(array_upper(reached, 1), 0);
      CREATE AGGREGATE funnel (integer[], timestamptz, interval) (
        SFUNC = funnel_step, STYPE = timestamptz[], INITCOND = '{}', FINALFUNC = funnel_end
      );

      INSERT INTO insight_marks (source, slot_at) SELECT DISTINCT 'activity_events', ${slot('occurred_at')} FROM activity_events;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER activity_events_added_insight ON activity_events;
      DROP TRIGGER activity_links_added_insight ON activity_links;
      DROP AGGREGATE funnel (integer[], timestamptz, interval);
      DROP FUNCTION funnel_step, funnel_end;
      DROP FUNCTION mark_added_activity, mark_linked_activity;
      DELETE FROM insight_marks WHERE source = 'activity_events';
    `)
  }
}
