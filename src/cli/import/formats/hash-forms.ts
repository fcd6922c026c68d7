import { foreignHash } from '../../../crypto/foreign-hash'
import { Refused } from '../refused'

type Form = [RegExp, (parts: string[]) => string]

const bytes = (text: string, encoding: BufferEncoding = 'base64'): Buffer => Buffer.from(text, encoding)

/** passlib's base64, which has dots for pluses. */
const adapted = (text: string): Buffer => bytes(text.replaceAll('.', '+'))

const digestOf = (suffix: string | undefined): string => suffix || 'sha1'

/** How other systems write the hashes that are ours to verify, and what each becomes. */
const FORMS: Form[] = [
  // Django: the salt is a text.
  [
    /^pbkdf2_(sha1|sha256)\$(\d+)\$([^$]+)\$(.+)$/,
    ([digest, iterations, salt, hash]) =>
      foreignHash.pbkdf2(digest!, Number(iterations), bytes(salt!, 'utf8'), bytes(hash!)),
  ],
  [
    /^scrypt\$(\d+)\$([^$]+)\$(\d+)\$(\d+)\$(.+)$/,
    ([n, salt, r, p, hash]) =>
      foreignHash.scrypt(scryptCost(Number(n), Number(r), Number(p)), bytes(salt!, 'utf8'), bytes(hash!)),
  ],
  [/^argon2\$(argon2.+)$/, ([rest]) => `$${rest}`],
  [/^bcrypt\$(\$2.+)$/, ([rest]) => rest!],
  // The PHC form of PBKDF2, which says the length of its output.
  [
    /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d+),l=(\d+)\$([^$]+)\$([^$]+)$/,
    ([digest, iterations, length, salt, hash]) =>
      bytes(hash!).length === Number(length)
        ? foreignHash.pbkdf2(digest!, Number(iterations), bytes(salt!), bytes(hash!))
        : '$pbkdf2-sha1$',
  ],
  // passlib: SHA-1 where no digest is named.
  [
    /^\$pbkdf2(?:-(sha256|sha512))?\$(\d+)\$([^$]+)\$([^$]+)$/,
    ([digest, iterations, salt, hash]) =>
      foreignHash.pbkdf2(digestOf(digest), Number(iterations), adapted(salt!), adapted(hash!)),
  ],
  // Supabase, of accounts that came from Firebase.
  [
    /^\$fbscrypt\$v=1,n=(\d+),r=(\d+),p=(\d+),ss=([^,$]*),sk=([^,$]+)\$([^$]+)\$([^$]+)$/,
    ([ln, r, p, separator, key, salt, hash]) =>
      foreignHash.firebase(
        { ln: Number(ln), r: Number(r), p: Number(p) },
        { saltSeparator: bytes(separator!), signerKey: bytes(key!) },
        bytes(salt!),
        bytes(hash!),
      ),
  ],
]

/** The one form in which a hash is stored. A text of no form that is known here is left as it is. */
export function canonicalHash(text: string): string {
  for (const [pattern, convert] of FORMS) {
    const match = pattern.exec(text)
    if (match) return convert(match.slice(1))
  }
  return text
}

/** scrypt's N as its binary logarithm. @throws Refused when N is no power of two. */
export function scryptCost(n: number, r: number, p: number): { ln: number; r: number; p: number } {
  const ln = Math.log2(n)
  if (Number.isInteger(ln)) return { ln, r, p }
  throw Refused.of('passwordHash', 'MALFORMED', "scrypt's cost must be a power of two.")
}

export const unsupportedHash = (algorithm: unknown): Refused =>
  Refused.of(
    'passwordHash',
    'UNSUPPORTED',
    `Hashes of ${JSON.stringify(typeof algorithm === 'string' ? algorithm.slice(0, 40) : null)} cannot be verified here.`,
  )
