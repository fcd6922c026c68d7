import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { coarseNetwork } from '../../core/address'
import { ApiError } from '../../core/error'
import type { Keyring } from '../../crypto/keyring'

/** The keyed hashes by which an address is found, and the network that it belongs to; 16 bytes each. */
export interface AddressIndexes {
  addressIndex: Buffer
  networkIndex: Buffer
}

/** Null for what is no address. */
export function indexesOf(keyring: Keyring, address: string): AddressIndexes | null {
  const network = coarseNetwork(address)
  if (network === null) return null
  return { addressIndex: ofAddress(keyring, address), networkIndex: ofNetwork(keyring, network) }
}

/** By what events are found that came from what a client has named. @throws ApiError BAD_USER_INPUT */
export function soughtIndex(keyring: Keyring, sought: string): Partial<AddressIndexes> {
  const { address, network } = parseSought(sought)
  return network === null
    ? { addressIndex: ofAddress(keyring, address) }
    : { networkIndex: ofNetwork(keyring, network) }
}

/**
 * An address, or a network of the size by which events are indexed.
 * @throws ApiError BAD_USER_INPUT for anything else
 */
export function parseSought(sought: string): { address: string; network: string | null } {
  const [address, bits, ...rest] = sought.split('/') as [string, ...string[]]
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) throw noAddress()
  if (bits === undefined) return { address, network: null }
  const network = coarseNetwork(address)!
  if (network.split('/')[1] !== bits) throw noAddress()
  return { address, network }
}

const ofAddress = (keyring: Keyring, address: string): Buffer =>
  shortened(keyring.blindIndex('audit_addresses.address', ipaddr.process(address).toString()))

const ofNetwork = (keyring: Keyring, network: string): Buffer =>
  shortened(keyring.blindIndex('audit_addresses.network', network))

const shortened = (hash: Buffer): Buffer => hash.subarray(0, 16)

const noAddress = () =>
  new ApiError(
    'BAD_USER_INPUT',
    'An address is IPv4 or IPv6; of networks only those of 24 bits (`203.0.113.0/24`) and, of IPv6, 48 bits (`2001:db8:1::/48`) can be looked for.',
  )
