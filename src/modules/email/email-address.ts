import { UserErrorCode, type Problem } from '../../core/error'

/** Longest address that mail can be sent to, in bytes (RFC 5321 §4.5.3.1.3, erratum 1690). */
export const MAX_ADDRESS_LENGTH = 254

/** A local part and a domain with a dot, without white space, controls or quotes; what it cannot tell, the code in the mail proves. */
const ADDRESS =
  /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u

/**
 * The one form under which an address is stored and found: compatibility-normalised and in lower case, the domain in
 * ASCII (UTS #46). Null when it is not an address.
 */
export function normaliseAddress(text: string): string | null {
  const folded = text.normalize('NFKC').trim().toLowerCase()
  if (Buffer.byteLength(folded) > MAX_ADDRESS_LENGTH || !ADDRESS.test(folded) || folded.includes('..'))
    return null
  const at = folded.lastIndexOf('@')
  try {
    const domain = new URL(`http://${folded.slice(at + 1)}`).hostname
    return /[a-z]/.test(domain) ? `${folded.slice(0, at)}@${domain}` : null
  } catch {
    return null
  }
}

export function addressProblem(field: string): Problem {
  return {
    code: UserErrorCode.INVALID,
    field: [field],
    message: 'This is not an e-mail address. Write it like name@example.com.',
  }
}
