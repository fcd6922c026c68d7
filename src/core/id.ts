import { randomBytes } from 'node:crypto'
import { fromUUID, TypeID } from 'typeid-js'

/** A UUID as the database stores it. Clients see the TypeID made of it, which also names the kind of thing. */
export type Id = string

/** What an id can name; the word is the TypeID's prefix and stands in every id that a client sees. */
export const ID_KINDS = [
  'user',
  'email',
  'session',
  'role',
  'preference',
  'post',
  'event',
  'challenge',
  'passkey',
  'access_token',
] as const
export type IdKind = (typeof ID_KINDS)[number]

/** A new UUIDv7 (RFC 9562 §5.7): 48 bits of Unix time in milliseconds, then 74 random bits, so that keys sort by age. */
export function newId(now: Date = new Date()): Id {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The global id that clients see: `user_01h455vb4pex5vsknk084sn02q` (TypeID specification 0.3). */
export const toGlobalId = (kind: IdKind, id: Id): string => fromUUID(id, kind)

/** Reads a global id; null when it is malformed or names no kind of ours, so that callers can answer "not found". */
export function fromGlobalId(globalId: string): { kind: IdKind; id: Id } | null {
  if (globalId.length > 64) return null
  try {
    const parsed = TypeID.fromString(globalId)
    const kind = parsed.getType() as IdKind
    return ID_KINDS.includes(kind) ? { kind, id: parsed.toUUID() } : null
  } catch {
    return null
  }
}

/** The database id behind a global id of the expected kind, or null. */
export function idOf(kind: IdKind, globalId: string): Id | null {
  const parsed = fromGlobalId(globalId)
  return parsed?.kind === kind ? parsed.id : null
}
