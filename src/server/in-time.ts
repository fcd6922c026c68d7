import { SECOND } from '../core/clock'

/** What the database answers; null where it does not within a second, for whoever asks does not wait. */
export async function inTime<Answer>(question: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SECOND)
  })
  return Promise.race([question.catch(() => null), tooLong]).finally(() => clearTimeout(timer))
}
