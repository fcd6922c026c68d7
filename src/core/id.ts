import { randomUUID } from 'node:crypto'
import { fromUUID, TypeID } from 'typeid-js'

/** A UUID as the database stores it. Clients see the TypeID made of it, which also names the kind of thing. */
export type Id = string

/** What an id can name; the word is the TypeID's prefix and stands in every id that a client sees. */
export const ID_KINDS = [
  'user',
  'email',
  'phone',
  'session',
  'role',
  'preference',
  'preference_change',
  'post',
  'comment',
  'event',
  'challenge',
  'passkey',
  'identity',
  'access_token',
  'group',
  'grant',
  'access_record',
  'staff_note',
  'data_export',
  'erasure',
  'bulk_job',
  'privacy_request',
  'legal_hold',
  'conversation',
  'message',
  'moderation_case',
  'moderation_decision',
  'appeal',
  'content_filter',
  'webhook_endpoint',
  'webhook_delivery',
  'notification',
  'ticket',
  'ticket_message',
  'ticket_note',
  'delivery',
  'announcement',
] as const
export type IdKind = (typeof ID_KINDS)[number]

/** A new UUIDv7 (RFC 9562 §5.7): 48 bits of Unix time in milliseconds, then 74 random bits, so that keys sort by age. */
export function newId(now: Date = new Date()): Id {
  const time = now.getTime().toString(16).padStart(12, '0')
  // A UUIDv4 has its random bits in the same places, and Node keeps a store of them: asking the system each time is slow.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** When a UUIDv7 was made; null for a UUID of another version, which does not say. */
export function momentOf(id: Id): Date | null {
  const hex = id.replaceAll('-', '')
  return hex[12] === '7' ? new Date(parseInt(hex.slice(0, 12), 16)) : null
}

/** A UUID made of the first bits of what looks random (version 8, RFC 9562 §5.8), which `newId` never makes. */
export function uuidOf(bits: Buffer): Id {
  const hex = bits.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
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
