import { IsNull, type SelectQueryBuilder } from 'typeorm'
import type { Id } from '../../core/id'
import type { Page, PageRequest } from '../../core/page'
import type { Database } from '../../db/database'
import { readFirstPages, readPage, selectRows, type ListOrder } from '../../db/page'
import { isShown, ownOrWithinReach } from '../../db/reach'
import { isNotBlocked, isNotMuted } from '../block/block-condition'
import { isOpenPost, isPostVisible } from '../post/post-visibility'
import { Comment } from './comment.entity'
import { Mention } from './mention.entity'

const COLUMNS = [
  'id',
  'postId',
  'parentId',
  'depth',
  'authorId',
  'body',
  'bodyHtml',
  'markupVersion',
  'replyCount',
  'createdAt',
  'editedAt',
  'deletedAt',
  'removedAt',
  'heldAt',
  'isHidden',
  'version',
] as const
export type CommentRow = Pick<Comment, (typeof COLUMNS)[number]>

const OTHER_COLUMNS = COLUMNS.filter((column) => column !== 'body' && column !== 'bodyHtml')

/** Which comments: those to a post itself, or the answers to one of them. */
export type CommentFilter = { postId: Id } | { parentId: Id }

const OLDEST_FIRST: ListOrder<CommentRow> = { columns: ['createdAt', 'id'], descending: false }

/** Somebody whom a comment concerns. */
export interface Concern {
  userId: Id
  why: 'mentioned' | 'answered' | 'commented-on'
  /** The post, or the comment that is answered. */
  aboutId: Id
}

/**
 * Every question about comments. Whoever sees a post sees what is said to it, but by whom they have blocked or, in lists and as it happens, muted. What
 * they have said themselves stays theirs, to delete it.
 */
export class CommentRepository {
  constructor(private readonly db: Database) {}

  async lookup(ids: readonly Id[]): Promise<CommentRow[]> {
    return this.visible().andWhere('comment.id = ANY(:ids)', { ids }).getRawMany<CommentRow>()
  }

  /** The same, but of whom the viewer has muted: what they are told of as it happens. */
  async lookupHeard(ids: readonly Id[]): Promise<CommentRow[]> {
    return this.visible()
      .andWhere('comment.id = ANY(:ids)', { ids })
      .andWhere(...isNotMuted(this.db.caller.viewer, 'comment.author_id', this.db.now))
      .getRawMany<CommentRow>()
  }

  async list(filter: CommentFilter, page: PageRequest): Promise<Page<CommentRow>> {
    return readPage(this.matching(filter), OLDEST_FIRST, page)
  }

  async count(filter: CommentFilter): Promise<number> {
    return this.matching(filter).getCount()
  }

  /** The first comments to each of these posts, with one statement. */
  async listFirst(postIds: readonly Id[], size: number): Promise<Map<Id, Page<CommentRow>>> {
    return readFirstPages(this.db, this.toPosts(), OLDEST_FIRST, 'postId', postIds, size)
  }

  /** The first answers to each of these comments, with one statement. */
  async listFirstReplies(parentIds: readonly Id[], size: number): Promise<Map<Id, Page<CommentRow>>> {
    return readFirstPages(this.db, this.listed(), OLDEST_FIRST, 'parentId', parentIds, size)
  }

  /** What is open to others, the newest first, beyond one of these: ids sort by age. */
  async newestShown(beyond: Id | null, limit: number): Promise<CommentRow[]> {
    const query = this.visible()
      .andWhere('comment.deletedAt IS NULL AND comment.removedAt IS NULL AND comment.heldAt IS NULL')
      .orderBy('comment.id', 'DESC')
      .limit(limit)
    if (beyond) query.andWhere('comment.id < :beyond', { beyond })
    return query.getRawMany<CommentRow>()
  }

  /**
   * The whole row, locked until the transaction ends, so that a check and the change that it allows are one.
   * @visibility the use case asks whose it is before it changes or shows anything
   */
  async lock(id: Id): Promise<Comment | null> {
    return this.db
      .repo(Comment)
      .findOne({ where: { id, deletedAt: IsNull() }, lock: { mode: 'pessimistic_write' } })
  }

  /**
   * To which post a comment was said; null where there is none.
   * @visibility the use case may decide about it, whoever sees the post
   */
  async postOf(id: Id): Promise<Id | null> {
    const comment = await this.db.repo(Comment).findOne({ where: { id }, select: { postId: true } })
    return comment?.postId ?? null
  }

  /**
   * Whom a comment concerns but its author, and why: the first of the reasons. What is said to a post that is not open to others its
   * author alone is told. @visibility Portico tells them
   */
  async concernedBy(id: Id): Promise<Concern[]> {
    return this.db.query(
      `SELECT DISTINCT ON (concern.user_id) concern.user_id AS "userId", concern.why, concern.about_id AS "aboutId"
       FROM comments comment JOIN posts post ON post.id = comment.post_id
       LEFT JOIN comments parent ON parent.id = comment.parent_id
       CROSS JOIN LATERAL (
         SELECT mention.user_id, 'mentioned', comment.post_id, 1 FROM mentions mention WHERE mention.comment_id = comment.id
         UNION ALL SELECT parent.author_id, 'answered', parent.id, 2 WHERE parent.id IS NOT NULL
         UNION ALL SELECT post.author_id, 'commented-on', post.id, 3
       ) concern (user_id, why, about_id, place)
       WHERE comment.id = $1 AND concern.user_id <> comment.author_id
         AND (${isOpenPost('post')} OR concern.user_id = post.author_id)
       ORDER BY concern.user_id, concern.place`,
      [id],
    )
  }

  async add(comment: Comment): Promise<void> {
    await this.db.repo(Comment).insert(comment)
  }

  async save({ id, ...columns }: Comment): Promise<void> {
    await this.db.repo(Comment).update({ id }, columns)
  }

  /**
   * What somebody has said since a moment, the latest first, up to so many.
   * @visibility a filter compares it with what they say now, and shows it to nobody
   */
  async bodiesSince(authorId: Id, since: Date, limit: number): Promise<string[]> {
    const rows = await this.db.query<{ body: string }>(
      'SELECT body FROM comments WHERE author_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3',
      [authorId, since, limit],
    )
    return rows.map(({ body }) => body)
  }

  /**
   * Texts that an older version has rendered, locked; those on which somebody else works are left to them.
   * @visibility what is made of them is shown to whoever sees them anyway
   */
  async lockRenderedBefore(version: number, limit: number): Promise<Pick<Comment, 'id' | 'body'>[]> {
    return this.db.query(
      'SELECT id, body FROM comments WHERE markup_version < $1 LIMIT $2 FOR UPDATE SKIP LOCKED',
      [version, limit],
    )
  }

  async saveRendered(comments: readonly Pick<Comment, 'id' | 'bodyHtml' | 'markupVersion'>[]): Promise<void> {
    await this.db.query(
      `UPDATE comments SET body_html = made.body_html, markup_version = made.markup_version
       FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS made (id, body_html, markup_version)
       WHERE comments.id = made.id`,
      [
        comments.map(({ id }) => id),
        comments.map(({ bodyHtml }) => bodyHtml),
        comments.map(({ markupVersion }) => markupVersion),
      ],
    )
  }

  async countReply(parentId: Id): Promise<void> {
    await this.db.repo(Comment).increment({ id: parentId }, 'replyCount', 1)
  }

  /** Whom each of these comments mentions: people who are shown. */
  async mentioned(commentIds: readonly Id[]): Promise<Mention[]> {
    const { viewer } = this.db.caller
    return selectRows(this.db, Mention, 'mention', ['commentId', 'userId'])
      .where('mention.commentId = ANY(:commentIds)', { commentIds })
      .andWhere(...isShown(viewer, 'mention.user_id'))
      .andWhere(
        'EXISTS (SELECT FROM comments comment WHERE comment.id = mention.comment_id AND comment.removed_at IS NULL AND comment.held_at IS NULL)',
      )
      .orderBy('mention.userId')
      .getRawMany<Mention>()
  }

  /** Says anew whom a comment mentions. */
  async mention(commentId: Id, userIds: readonly Id[]): Promise<void> {
    await this.db.repo(Mention).delete({ commentId })
    if (userIds.length > 0)
      await this.db.repo(Mention).insert(userIds.map((userId) => ({ commentId, userId })))
  }

  private matching(filter: CommentFilter): SelectQueryBuilder<Comment> {
    return 'postId' in filter
      ? this.toPosts().andWhere('comment.postId = :postId', filter)
      : this.listed().andWhere('comment.parentId = :parentId', filter)
  }

  /** Those to posts themselves. */
  private toPosts(): SelectQueryBuilder<Comment> {
    return this.listed().andWhere('comment.parentId IS NULL')
  }

  private listed(): SelectQueryBuilder<Comment> {
    const { viewer } = this.db.caller
    return this.visible()
      .andWhere(...isNotBlocked(viewer, 'comment.author_id'))
      .andWhere(...isNotMuted(viewer, 'comment.author_id', this.db.now))
  }

  /**
   * The text of one that was removed, or waits for a moderator, is shown to its author, and to whoever moderates them; one that has
   * waited from the beginning is there for nobody else.
   */
  private visible(): SelectQueryBuilder<Comment> {
    const { viewer } = this.db.caller
    const [isVisible, parameters] = isPostVisible(viewer, 'post')
    const [isReadable, readable] = ownOrWithinReach(viewer, 'comment.author_id', 'posts:moderate')
    // Whoever moderates finds what they have to decide about, be it of somebody whom they have blocked.
    const [isHeard, heard] = isNotBlocked(viewer, 'comment.author_id')
    const text = (column: string) =>
      `CASE WHEN comment.removed_at IS NULL AND comment.held_at IS NULL OR ${isReadable} THEN comment.${column} ELSE '' END`
    return selectRows(this.db, Comment, 'comment', OTHER_COLUMNS)
      .addSelect(text('body'), 'body')
      .addSelect(text('body_html'), 'bodyHtml')
      .setParameters(readable)
      .where(
        `(EXISTS (SELECT FROM posts post WHERE post.id = comment.post_id AND ${isVisible}) OR comment.author_id = :viewer)`,
        parameters,
      )
      .andWhere(...isShown(viewer, 'comment.author_id'))
      .andWhere(`(${isHeard} OR ${isReadable})`, heard)
      .andWhere(`(NOT comment.is_unseen OR ${isReadable})`)
  }
}
