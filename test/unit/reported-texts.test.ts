import { textsIn, withText } from '../../src/modules/moderation-case/reported-texts'

const keptOf = (...texts: string[]): string[] =>
  textsIn(texts.reduce<string | null>((kept, text) => withText(kept, text), null))

describe('what a case keeps of a thing', () => {
  test('is each text that was reported, in their order, and none twice in a row', () => {
    expect(keptOf('One')).toEqual(['One'])
    expect(keptOf('One', 'One', 'Two', 'Two', 'One')).toEqual(['One', 'Two', 'One'])
  })

  test('is the first and the last of very many', () => {
    const texts = Array.from({ length: 30 }, (_, index) => `Text ${index}`)
    expect(keptOf(...texts)).toEqual(['Text 0', ...texts.slice(-9)])
  })

  test('stays one text, whatever characters are in it', () => {
    expect(keptOf('One\u001eTwo', 'Three')).toEqual(['One Two', 'Three'])
  })
})
