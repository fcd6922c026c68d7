import { isIPv6 } from 'node:net'

/** An IPv4 address, or the network of 64 bits that an IPv6 client has to itself and can choose its addresses from. */
export const networkOf = (address: string): string =>
  isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address

/** Where an address roughly is, for people to recognise: its network of 24 bits, of IPv6 of 48 (CIDR, RFC 4632). */
export function coarseNetwork(address: string): string {
  if (isIPv6(address)) return `${groupsOf(address).slice(0, 3).join(':')}::/48`
  return `${address.split('.').slice(0, 3).join('.')}.0/24`
}

/** The eight groups of an IPv6 address in their shortest form (RFC 5952). */
function groupsOf(address: string): string[] {
  const [head, tail] = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::')
  const groups = head!.split(':').filter(Boolean)
  const rest = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest]
}
