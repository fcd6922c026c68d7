import { rejected, UserErrorCode } from '../../core/error'
import { ALL_PERMISSIONS, isPermission, type Permission } from '../../core/permission'

/** The words of an input as permissions, each once. @throws Rejected INVALID when there is one that Portico does not know. */
export function knownPermissions(words: readonly string[], field: string): Permission[] {
  if (words.every(isPermission)) return [...new Set(words)].sort()
  const message = `Portico knows these permissions: ${ALL_PERMISSIONS.join(', ')}.`
  throw rejected(field, UserErrorCode.INVALID, message)
}
