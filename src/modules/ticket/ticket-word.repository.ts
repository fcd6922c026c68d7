import type { Id } from '../../core/id'
import type { Database } from '../../db/database'

/** The words by which tickets are found; see `ticket-words.ts`. They are looked for where tickets are. */
export class TicketWordRepository {
  constructor(private readonly db: Database) {}

  /** What is known already stays. */
  async add(
    { id, userId }: { id: Id; userId: Id },
    words: readonly Buffer[],
    isInternal: boolean,
  ): Promise<void> {
    await this.db.query(
      `INSERT INTO ticket_words (ticket_id, word, is_internal, user_id)
       SELECT $1::uuid, word, $3::boolean, $4::uuid FROM unnest($2::bytea[]) AS word ON CONFLICT DO NOTHING`,
      [id, words, isInternal, userId],
    )
  }

  /** A ticket is found by the words of another one, which is found by them no more but by those that it keeps. */
  async move(ticketId: Id, toTicketId: Id, kept: readonly Buffer[]): Promise<void> {
    await this.db.query(
      `WITH moved AS (
         DELETE FROM ticket_words WHERE ticket_id = $1 AND (is_internal OR word <> ALL($3::bytea[]))
       )
       INSERT INTO ticket_words (ticket_id, word, is_internal, user_id)
       SELECT $2, word, is_internal, user_id FROM ticket_words WHERE ticket_id = $1 ON CONFLICT DO NOTHING`,
      [ticketId, toTicketId, kept],
    )
  }
}
