import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The usernames that people have given up, and what usernames look like: of a username what is left when letters and digits
 * that are taken for each other are one (after UTS #39, for `a`–`z`, `0`–`9` and `_`), with the digits that stand for letters.
 */
export class Usernames1769400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE former_usernames (
        id uuid CONSTRAINT former_usernames_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT former_usernames_user_id_fkey REFERENCES users (id),
        username text COLLATE "C" NOT NULL,
        changed_by_id uuid,
        changed_at timestamptz(3) NOT NULL,
        reservation_ends_at timestamptz(3) NOT NULL
      );
      CREATE INDEX former_usernames_user_id_index ON former_usernames (user_id, changed_at);
      CREATE INDEX former_usernames_username_index ON former_usernames (username, reservation_ends_at);
      CREATE INDEX former_usernames_changed_at_index ON former_usernames (changed_at);

      CREATE FUNCTION username_skeleton(username text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
        RETURN replace(replace(replace(
          translate(username COLLATE "C", '01i34578_', 'olleastb'), 'rn', 'm'), 'vv', 'w'), 'cl', 'd');
      CREATE INDEX users_username_skeleton_index ON users (username_skeleton(username));
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX users_username_skeleton_index;
      DROP FUNCTION username_skeleton(text);
      DROP TABLE former_usernames;
    `)
  }
}
