/** Whether others can read a post. */
export enum PostStatus {
  DRAFT = 'draft',
  PUBLISHED = 'published',
}
