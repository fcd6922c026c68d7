import type { Foundation } from '../../server/portico'
export async function prepareDemo(_foundation: Foundation): Promise<void> {}
