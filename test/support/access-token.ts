import { DAY, later } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import { hashToken, newAccessToken } from '../../src/crypto/token'
import { AccessToken } from '../../src/modules/access-token/access-token.entity'
import { ApiClient } from './api-client'
import type { World } from './world'

/** An access token of somebody's, made without the API. */
export async function storedAccessToken(
  world: World,
  userId: Id,
  { scopes = [], expiresAt = later(world.clock.now(), DAY) }: { scopes?: string[]; expiresAt?: Date } = {},
): Promise<{ id: Id; token: string; api: ApiClient }> {
  const token = newAccessToken()
  const id = newId(world.clock.now())
  await world.db.repo(AccessToken).insert({
    id,
    userId,
    name: 'Backup',
    tokenHash: hashToken(token),
    scopes,
    createdAt: world.clock.now(),
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
    endReason: null,
  })
  return { id, token, api: new ApiClient(world.url, token) }
}
