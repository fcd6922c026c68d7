import { generateKeyring, parseKeyring } from '../../src/crypto/keyring'
import { hashedWords, wordsOf } from '../../src/modules/ticket/ticket-words'

describe('the words of a ticket', () => {
  test.each([
    ['Die Rechnung, die rechnung!', ['die', 'rechnung']],
    ['Straße und STRASSE', ['strasse', 'und']],
    ['Crème brûlée', ['creme', 'brulee']],
    ['ΟΔΟΣ οδός', ['οδος']],
    ['order #4711, error E_42', ['order', '4711', 'error', 'e_42']],
    ['我无法登录', ['我', '无法', '登录']],
    ['ログインできません', wordsOf('ログインできません')],
    ['ﬁne ２４', ['fine', '24']],
    ['… — ! 🎉', []],
    ['', []],
  ])('of %j are those that people mean', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('keep the vowels of scripts in which they are signs on letters', () => {
    expect(wordsOf('की')).not.toEqual(wordsOf('का'))
  })

  test('are kept as hashes that the same words alone have, under one keyring, in an order that tells nothing', () => {
    const [keyring, other] = [parseKeyring(generateKeyring()), parseKeyring(generateKeyring())]
    const hashes = hashedWords(keyring, 'My invoice is wrong')
    expect(hashes).toEqual(hashedWords(keyring, 'wrong IS My, invoice'))
    expect(hashes).toHaveLength(4)
    for (const hash of hashes) expect(hash).toHaveLength(16)
    expect(hashes).toEqual([...hashes].sort((one, another) => Buffer.compare(one, another)))
    expect(hashedWords(other, 'My invoice is wrong')).not.toEqual(hashes)
  })
})
