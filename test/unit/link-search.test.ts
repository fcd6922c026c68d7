import { domainOf, linksIn, linksMeant } from '../../src/modules/content-filter/link-search'

const hosts = (text: string, ...addresses: string[]) =>
  linksIn({ text, addresses }).map(({ host, isCertain }) => (isCertain ? host : `${host}?`))

test('a host is found in what is written, and told from what only looks like one', () => {
  expect(hosts('https://good.example@evil.example:8080/x?y#z')).toEqual(['evil.example'])
  expect(hosts('(https://EVIL.example.), evil.example')).toEqual(['evil.example'])
  expect(hosts('shop.com/offer and www.shop.com.')).toEqual(['shop.com', 'www.shop.com'])
  expect(hosts('https://github.com/somebody/thing.rs')).toEqual(['github.com'])
  expect(hosts('node.js, end.Start, ada@mail.com')).toEqual(['node.js?', 'end.start?', 'mail.com?'])
  expect(hosts('Nothing here. Really… no-thing')).toEqual([])
})

test('addresses are read as browsers read them', () => {
  expect(hosts('', 'https://0x7f.1/')).toEqual(['127.0.0.1'])
  expect(hosts('', 'https:\\\\evil.com')).toEqual(['evil.com'])
  expect(hosts('', 'https://ev%69l.com')).toEqual(['evil.com'])
  expect(hosts('', 'https://bücher.example')).toEqual(['xn--bcher-kva.example'])
  expect(hosts('', 'mailto:a@one.com,b@two.com?cc=c@three.com')).toEqual([
    'one.com?',
    'two.com?',
    'three.com?',
  ])
  expect(hosts('', 'https://', 'not an address')).toEqual([])
})

test('what an address carries to lead on to is found', () => {
  for (const address of [
    'https://go.com/?u=https://evil.com',
    'https://go.com/?u=https%3A%2F%2Fevil.com%2F',
    'https://go.com/?u=https%253A%252F%252Fevil.com',
    'https://go.com/https://evil.com/x',
  ])
    expect(hosts('', address)).toEqual(['go.com', 'evil.com'])
})

test('terms say which sites are meant, and how many are tolerated', () => {
  const links = linksIn({ text: 'a.com b.com sub.a.com node.js', addresses: [] })
  const meant = (deniedDomains: string[], allowedDomains: string[], tolerated = 0) =>
    linksMeant({ deniedDomains, allowedDomains, tolerated }, links).map(({ host }) => host)
  expect(meant([], [])).toEqual(['a.com', 'b.com', 'sub.a.com'])
  expect(meant([], ['a.com'])).toEqual(['b.com'])
  expect(meant(['a.com'], ['sub.a.com'])).toEqual(['a.com'])
  expect(meant(['com'], [], 2)).toEqual(['a.com', 'b.com', 'sub.a.com'])
  expect(meant(['com'], [], 3)).toEqual([])
  expect(meant(['node.js'], [])).toEqual(['node.js'])
  expect(meant(['om'], [])).toEqual([])
})

test('a domain is a name alone', () => {
  expect(
    ['Evil.COM.', '*.evil.com', 'bücher.example', 'ｅｖｉｌ.com', 'xyz', '192.0.2.1'].map(domainOf),
  ).toEqual(['evil.com', 'evil.com', 'xn--bcher-kva.example', 'evil.com', 'xyz', '192.0.2.1'])
  for (const name of [
    'https://evil.com',
    'evil.com/x',
    'evil.com:80',
    'a@evil.com',
    'evil..com',
    '-a.com',
    'a b',
    'localhost',
    '*',
    '',
  ])
    expect([name, domainOf(name)]).toEqual([name, null])
})

test.each(['a.', 'a', '.', ' (', '[ ', 'https://', 'h@', '%25', 'https://a.com/?u='])(
  'a megabyte of “%s” is looked through in seconds',
  (piece) => {
    const text = piece.repeat(1_000_000 / piece.length)
    const begun = performance.now()
    linksIn({ text, addresses: [`https://a.com/${text}`] })
    expect(performance.now() - begun).toBeLessThan(20_000)
  },
  60_000,
)

test('an address with an umlaut leads somewhere however often one is looked at', () => {
  for (let time = 0; time < 20_000; time++)
    if (hosts('', 'https://bücher.example').length !== 1) throw new Error(`not the ${time}th time`)
})
