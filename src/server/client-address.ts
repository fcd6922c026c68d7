import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whether an address is one of the proxies in front of us. */
export type Trust = (address: string) => boolean

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** The test for a list of addresses and CIDR ranges. */
export function trusting(proxies: readonly string[]): Trust {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address, prefix] = proxy.split('/') as [string, string?]
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return (address) => list.check(address, familyOf(address))
}

/**
 * Where a request comes from: the nearest hop that is none of our proxies. What `X-Forwarded-For` says beyond it is only
 * what the client says of itself. Null when the connection is gone.
 */
export function clientAddress({ socket, headers }: IncomingMessage, trusts: Trust): string | null {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  let nearest = socket.remoteAddress
  while (nearest !== undefined && trusts(nearest)) {
    const next = forwarded.pop()?.trim() ?? ''
    if (isIP(next) === 0) break
    nearest = next
  }
  // A dual-stack listener writes IPv4 addresses as IPv6 (RFC 4291 §2.5.5.2); one client is to have one address.
  return nearest?.replace(/^::ffff:(?=\d+\.)/i, '') ?? null
}
