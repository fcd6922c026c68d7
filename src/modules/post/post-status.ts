/** Where a post stands between its author's desk and its readers. */
export enum PostStatus {
  DRAFT = 'draft',
  /** Published by itself when its moment has come. */
  SCHEDULED = 'scheduled',
  PUBLISHED = 'published',
  /** Readable still, and finished: nothing is added to it. */
  ARCHIVED = 'archived',
  /** Taken from its readers by moderation. */
  REMOVED = 'removed',
  /** Its author has published it, or changed it since, and a filter lets it wait for a moderator. */
  HELD = 'held',
  /** Moderation hides it until its author has changed it, and then it waits for a moderator. */
  HIDDEN = 'hidden',
}

/** Those in which others read it, as far as its visibility lets them. */
export const READABLE = [PostStatus.PUBLISHED, PostStatus.ARCHIVED] as const

/** Who reads a post that is published. */
export enum PostVisibility {
  PUBLIC = 'public',
  MEMBERS = 'members',
  ONLY_ME = 'only-me',
}
