import { languageOf, LANGUAGES } from '../../src/core/language'
import { layOut } from '../../src/modules/mail/mail-layout'
import { template, type Facts, type Template } from '../../src/modules/mail/mail-template'
import { MAILS } from '../../src/modules/mail/mails'
import { SAMPLE } from '../../src/modules/mail/sample-facts'

const reader = (locale: string, timeZone = 'UTC') => ({ address: 'somebody@example.com', locale, timeZone })
const all = Object.entries<Template>(MAILS).flatMap(([name, words]) =>
  LANGUAGES.map((language) => ({ name, language, words })),
)
const count = (text: string, part: string) => text.split(part).length - 1
const mentions = (words: Template, fact: keyof Facts) => JSON.stringify(words.en.text).includes(`{${fact}}`)

describe.each(all)('the mail $name in $language', ({ words, language }) => {
  const mail = layOut(reader(language), words, SAMPLE)
  const body = mail.html.slice(mail.html.indexOf('<body'))

  test('has a subject, a text and a page that says which language it is in', () => {
    expect(mail.subject).not.toBe('')
    expect(mail.text).not.toBe('')
    expect(mail.html).toContain(`<html lang="${language}">`)
    expect(mail.html).toContain('</html>')
  })

  test('has every fact in its place', () => {
    for (const part of [mail.subject, mail.text, body]) {
      expect(part).not.toMatch(/\{\w+\}|undefined|\[object|Invalid/)
    }
  })

  test('shows its code and its links once', () => {
    expect(count(mail.text, SAMPLE.code)).toBe(mentions(words, 'code') ? 1 : 0)
    expect(count(body, SAMPLE.code)).toBe(mentions(words, 'code') ? 1 : 0)
    const links = (['link', 'disownLink'] as const).filter((fact) => mentions(words, fact))
    expect(links.map((fact) => count(mail.text, SAMPLE[fact]))).toEqual(links.map(() => 1))
    expect(count(body, 'href=')).toBe(links.length)
    expect(mail.text).not.toContain('](')
  })

  test('escapes what people have typed', () => {
    for (const tag of ['<script', '<b>', '<img']) expect(mail.html).not.toContain(tag)
    if (mentions(words, 'device')) expect(mail.text).toContain(SAMPLE.device)
  })
})

test('an unknown device is called so, in the language of the mail', () => {
  const text = (locale: string) => layOut(reader(locale), MAILS.newDevice, { ...SAMPLE, device: null }).text
  expect(text('en')).toContain('Device: not known')
  expect(text('de')).toContain('Gerät: nicht bekannt')
})

test('moments are written as the reader writes them, in their time', () => {
  const when = (locale: string, timeZone: string) =>
    /^(?:When|Wann): (.*)$/m.exec(layOut(reader(locale, timeZone), MAILS.newDevice, SAMPLE).text)![1]
  expect(when('en', 'UTC')).toMatch(/^March 29, 2026 at 12:00\sPM UTC$/)
  expect(when('en-GB', 'Europe/Berlin')).toBe('29 March 2026 at 14:00 CEST')
  expect(when('de', 'Europe/Berlin')).toBe('29. März 2026 um 14:00 MESZ')
  // In a language that we do not speak the sentence is English, and so is the date in it.
  expect(when('ja', 'UTC')).toBe(when('en', 'UTC'))
})

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE-latn-at', 'de'],
  ['de-u-co-phonebk', 'de'],
  ['de-x-private', 'de'],
  ['en-GB', 'en'],
  ['gsw', 'en'],
  ['x-de', 'en'],
  ['pt-BR', 'en'],
  ['', 'en'],
])('who speaks %j is written to in %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language)
})

test('the compiler refuses what is said in one language only', () => {
  const english = { subject: 'Hello', text: ['It was {device}.'] } as const
  // @ts-expect-error -- German is missing
  template({ en: english })
  // @ts-expect-error -- the German text does not say which device it was
  template({ en: english, de: { subject: 'Hallo', text: ['Das war etwas.'] } })
  // @ts-expect-error -- nor does the English one
  template({ en: { subject: 'Hello', text: [] }, de: { subject: 'Hallo', text: ['Das war {device}.'] } })
  // @ts-expect-error -- there is no such fact
  template({ en: { subject: '{devise}', text: [] }, de: { subject: '{devise}', text: [] } })
  template({ en: english, de: { subject: 'Hallo', text: ['Das war {device}.'] } })
})
