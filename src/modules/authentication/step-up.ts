import type { Database } from '../../db/database'

/** The ways in which the viewer can prove again who they are, as the API names them. */
export async function stepUpMethods(_db: Database): Promise<string[]> {
  return Promise.resolve(['PASSWORD'])
}
