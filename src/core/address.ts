import { isIP, isIPv6 } from 'node:net'

/** What one client can be expected to have to itself: an IPv4 address, or 64 bits of IPv6, among which it chooses freely. */
export function clientNetwork(address: string): string {
  return isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address
}

/**
 * The network that an address belongs to, coarse enough to name a provider or a town and no household: `203.0.113.0/24`,
 * `2001:db8:1::/48`. Null for what is no address.
 */
export function coarseNetwork(address: string): string | null {
  if (isIP(address) === 0) return null
  const mapped = mappedIPv4(address)
  if (mapped !== null) return `${mapped.split('.').slice(0, 3).join('.')}.0/24`
  return `${canonical(`${groupsOf(address).slice(0, 3).join(':')}::`)}/48`
}

/** An IPv4 address, also where it is written as IPv6 (RFC 4291 §2.5.5.2); null for every other IPv6 address. */
function mappedIPv4(address: string): string | null {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return null
  const bytes = groups.slice(6).flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
  return bytes.join('.')
}

/** The spelling of RFC 5952. */
const canonical = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

/** The eight groups of an IPv6 address, without leading zeros and zone. */
function groupsOf(address: string): string[] {
  const [head, tail] = canonical(address.split('%')[0]!).split('::')
  const groups = head!.split(':').filter(Boolean)
  const rest = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest]
}
