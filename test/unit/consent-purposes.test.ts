import { readConfig } from '../../src/config/config'
import { purposeWords } from '../../src/core/purpose'

const TERMS = {
  id: 'terms',
  basis: 'contract',
  version: '1',
  texts: { en: { name: 'Terms', text: 'Be kind.' } },
}
const configured = (purposes: unknown, environment: Record<string, string> = {}) =>
  readConfig({
    NODE_ENV: 'test',
    DEMO_DATA: 'off',
    CONSENT_PURPOSES: JSON.stringify(purposes),
    ...environment,
  }).consentPurposes

test('purposes come from the environment; there are none where nothing is said, and two in a demo that keep nobody out', () => {
  expect(configured([TERMS])).toEqual([TERMS])
  expect(configured([TERMS], { CONSENT_PURPOSES: '' })).toEqual([])
  const demo = configured([], { CONSENT_PURPOSES: '', DEMO_DATA: 'on' })
  expect(demo.map(({ id, basis }) => [id, basis])).toEqual([
    ['newsletter', 'consent'],
    ['analytics', 'legitimate-interest'],
  ])
})

test.each([
  ['{', 'must be a list of purposes as JSON'],
  [JSON.stringify({}), 'must be a list'],
  [JSON.stringify([{ ...TERMS, id: 'Terms!' }]), '0.id must be lower-case letters'],
  [
    JSON.stringify([{ ...TERMS, basis: 'whim' }]),
    '0.basis must be contract, or consent, or legitimate-interest',
  ],
  [JSON.stringify([{ ...TERMS, version: '' }]), '0.version must not be empty'],
  [JSON.stringify([{ ...TERMS, texts: {} }]), '0.texts must hold one language at least'],
  [JSON.stringify([{ ...TERMS, texts: { en: { name: 'Terms' } } }]), '0.texts.en.text must be text'],
  [JSON.stringify([{ ...TERMS, required: true }]), '0 has no setting required'],
  [JSON.stringify([TERMS, TERMS]), 'must not hold an id twice'],
])('%s is refused at the start: it %s', (given, complaint) => {
  expect(() => readConfig({ NODE_ENV: 'test', CONSENT_PURPOSES: given })).toThrow(
    `CONSENT_PURPOSES ${complaint}`,
  )
})

test('a text is found in the language of a locale, or the first there is', () => {
  const words = (name: string) => ({ name, text: name })
  const purpose = { ...TERMS, texts: { en: words('en'), 'pt-BR': words('pt-BR'), de: words('de') } } as never
  expect(['de-AT', 'pt-br', 'pt', 'ja'].map((locale) => purposeWords(purpose, locale).name)).toEqual([
    'de',
    'pt-BR',
    'en',
    'en',
  ])
})
