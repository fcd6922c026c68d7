import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Whoever makes or drops a partition of the trail gives up after so short a while that nobody who writes waits behind them for long:
 * they come again. While a lock on a table is waited for, whoever comes later waits too.
 */
export class TrailLocks1770100100000 implements MigrationInterface {
  up = (queryRunner: QueryRunner): Promise<void> => setTimeouts(queryRunner, '30ms')
  down = (queryRunner: QueryRunner): Promise<void> => setTimeouts(queryRunner, '1s')
}

async function setTimeouts(queryRunner: QueryRunner, timeout: string): Promise<void> {
  await queryRunner.query(`
    ALTER FUNCTION make_trail_partitions() SET lock_timeout = '${timeout}';
    ALTER FUNCTION drop_trail_partition(text) SET lock_timeout = '${timeout}';
  `)
}
