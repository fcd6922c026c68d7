import { domainToASCII } from 'node:url'
import topLevelDomains from 'tlds'
import { parseUrl } from '../../core/url'
import type { ShownText } from '../markup/shown-text'

/** A site to which a text leads. */
export interface FoundLink {
  /** The name of the host, as ASCII (IDNA) and in lower case, without a dot at its end. */
  host: string
  /** What leads there, as it stands in the text; where it is an address behind other words, the address. */
  text: string
  /** Whether it is a link to everybody; else an e-mail address, or something with a dot in it that may be one. */
  isCertain: boolean
}

export interface LinkTerms {
  /** These alone are meant; without any, all are that are not allowed. */
  deniedDomains: readonly string[]
  allowedDomains: readonly string[]
  /** How many different sites a text may lead to that are meant. */
  tolerated: number
}

const TOP_LEVEL = new Set(topLevelDomains.map((name) => domainToASCII(name)))

const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * A domain that staff name, as `FoundLink.host` has it: with all below it. Null for what is none, and for one label that is no
 * top-level domain.
 */
export function domainOf(name: string): string | null {
  const host = /[/\\?#@:\s]/.test(name) ? null : asHost(name.replace(/^\*\./, ''))
  return host !== null && (host.includes('.') || TOP_LEVEL.has(host)) ? host : null
}

/** The sites to which a text leads that terms mean; none where they are tolerated. */
export function linksMeant(
  { allowedDomains, deniedDomains, tolerated }: LinkTerms,
  links: readonly FoundLink[],
): FoundLink[] {
  const isUnder = (domains: readonly string[], host: string) =>
    domains.some((domain) => host === domain || host.endsWith(`.${domain}`))
  const meant = links.filter(
    ({ host, isCertain }) =>
      !isUnder(allowedDomains, host) && (deniedDomains.length > 0 ? isUnder(deniedDomains, host) : isCertain),
  )
  return meant.length > tolerated ? meant : []
}

/** All sites to which a text leads, each once: by its links, by what is written like one, and by what links carry in themselves. */
export function linksIn({ text, addresses }: ShownText): FoundLink[] {
  const found = new Map<string, FoundLink>()
  const add = (host: string | null, as: string, isCertain: boolean) => {
    if (host !== null && (isCertain ? !found.get(host)?.isCertain : !found.has(host)))
      found.set(host, { host, text: as, isCertain })
  }
  for (const word of undisguised(text).matchAll(/[^\s<>"'`|,;()[\]{}]+/gu)) {
    const bare = stripped(word[0])
    const scheme = bare.search(/\b(?:https?|ftp):/i)
    if (scheme >= 0) for (const host of hostsOf(bare.slice(scheme))) add(host, bare, true)
    else {
      const host = bareHost(bare)
      const isSite = host !== null && TOP_LEVEL.has(host.slice(host.lastIndexOf('.') + 1))
      if (host?.includes('.')) add(host, bare, isSite && !bare.includes('@'))
    }
  }
  for (const address of addresses) {
    const isSite = !MAIL.test(address)
    for (const host of isSite ? hostsOf(address) : mailHostsOf(address)) add(host, address, isSite)
  }
  return [...found.values()]
}

/** The ways in which people write an address so that it is none, undone: what shows nothing, dots in brackets, hxxp. */
const undisguised = (text: string): string =>
  text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .replace(/[\u3002\uff61]/g, '.')
    .replace(
      /\s{0,3}(?:\[\s?(?:\.|dot|punkt)\s?\]|\(\s?(?:\.|dot|punkt)\s?\)|\{\s?(?:\.|dot|punkt)\s?\})\s{0,3}/gi,
      '.',
    )
    .replace(/\bhxxp/gi, 'http')

const PUNCTUATION = new Set('.,:;!?*_~¡¿…')

function stripped(word: string): string {
  let [start, end] = [0, word.length]
  while (start < end && PUNCTUATION.has(word[start]!)) start++
  while (end > start && PUNCTUATION.has(word[end - 1]!)) end--
  return word.slice(start, end)
}

/** The host of what is written without a scheme, be it after the name of somebody there. */
function bareHost(word: string): string | null {
  const site = /^[^/\\?#]*/.exec(word)![0]
  return asHost(site.slice(site.lastIndexOf('@') + 1).replace(/:\d{1,5}$/, ''))
}

/** How many addresses within an address are looked at. */
const MAX_CARRIED = 10

/** Where an address leads, and where those do that it carries: many sites lead on to whatever they are told. */
function hostsOf(address: string): string[] {
  const host = hostOfUrl(address)
  if (host === null) return []
  const rest = decoded(decoded(address)).slice('https:'.length)
  const carried = [...rest.matchAll(/https?:[/\\]{2}[^\s&|]+/gi)].slice(0, MAX_CARRIED)
  return [host, ...carried.map(([url]) => hostOfUrl(url)).filter((one) => one !== null)]
}

const MAIL = /^mailto:/i

/** Where the mail goes of an address that has recipients (RFC 6068). */
const mailHostsOf = (address: string): string[] =>
  address
    .split(/[:,;?&=]/)
    .filter((part) => part.includes('@'))
    .map((part) => asHost(part.slice(part.lastIndexOf('@') + 1)))
    .filter((host) => host !== null)

function hostOfUrl(address: string): string | null {
  const url = parseUrl(address)
  return url && asHost(url.hostname)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A name as hosts are compared; null for what is none. */
function asHost(name: string): string | null {
  const host = domainToASCII(name.toLowerCase().replace(/\.$/, ''))
  return HOST.test(host) ? host : null
}
