import { isIP, isIPv6 } from 'node:net'
import ipaddr, { IPv6, type IPv4 } from 'ipaddr.js'

/** What one client can be expected to have to itself: an IPv4 address, or 64 bits of IPv6, among which it chooses freely. */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address
  return IPv6.parse(address)
    .parts.slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

/**
 * The network that an address belongs to, coarse enough to name a provider or a town and no household: `203.0.113.0/24`,
 * `2001:db8:1::/48`. Null for what is no address.
 */
export function coarseNetwork(address: string): string | null {
  if (isIP(address) === 0) return null
  // An IPv4 address may be written as IPv6 (RFC 4291 §2.5.5.2).
  const plain = ipaddr.process(address)
  if (isV4(plain)) return `${plain.octets.slice(0, 3).join('.')}.0/24`
  const network = new IPv6([...plain.parts.slice(0, 3), 0, 0, 0, 0, 0])
  return `${network.toRFC5952String()}/48`
}

/** IPv6 addresses that stand for the IPv4 address in their last 32 bits: as RFC 4291 §2.5.5.2 and RFC 6052 §2.1 have it. */
const TRANSLATED = ['::ffff:0:0/96', '64:ff9b::/96'].map((range) => ipaddr.parseCIDR(range) as [IPv6, number])

/** All that is handed out of IPv6 for anybody's use (RFC 4291 §2.4, IANA); what lies outside has a meaning of its own. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3') as [IPv6, number]

/** Where a cloud answers the machines in it, though the address is of nobody's private range: Azure. */
const METADATA = '168.63.129.16'

/**
 * Whether an address is one machine's on the Internet, which anybody may call: not of a private network or of this machine, nor
 * one that IANA keeps for a purpose (RFC 6890 and its registries).
 */
export function isPublicAddress(address: string): boolean {
  // A zone (`fe80::1%eth0`) means something to this machine alone.
  if (isIP(address) === 0 || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (isV4(parsed)) return parsed.range() === 'unicast' && parsed.toString() !== METADATA
  if (TRANSLATED.some((range) => parsed.match(range)))
    return isPublicAddress(parsed.toByteArray().slice(-4).join('.'))
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast'
}

/** The name or address that a URL leads to, each in one spelling only: no final dot, no brackets, no capitals (WHATWG URL §3.5). */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '').replace(/^\[|\]$/g, '')

const isV4 = (address: IPv4 | IPv6): address is IPv4 => address.kind() === 'ipv4'
