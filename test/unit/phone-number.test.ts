import fc from 'fast-check'
import { getCountries, getExampleNumber, type CountryCode } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { Rejected } from '../../src/core/error'
import { countryOf, normaliseNumber, readMobileNumber } from '../../src/modules/phone/phone-number'

const mobiles = getCountries().map(
  (country): [CountryCode, NonNullable<ReturnType<typeof getExampleNumber>>] => [
    country,
    getExampleNumber(country, examples)!,
  ],
)

/** Whose numbers are of a range that they share with a larger neighbour, so that none tells them apart. */
const SHARED: Partial<Record<CountryCode, CountryCode>> = {
  AX: 'FI',
  BL: 'GP',
  CC: 'AU',
  CX: 'AU',
  EH: 'MA',
  IM: 'GB',
  MF: 'GP',
  SJ: 'NO',
  VA: 'IT',
}

test('there are mobile numbers in every country', () => {
  expect(mobiles.length).toBeGreaterThan(240)
  expect(mobiles.every(([, example]) => example !== undefined)).toBe(true)
})

test.each(mobiles)(
  'a mobile number of %s is one number, in E.164, as people there and elsewhere write it',
  (there, example) => {
    const number = example.format('E.164')
    const country = SHARED[there] ?? there
    expect(number).toMatch(/^\+[1-9]\d{6,14}$/)
    for (const written of [
      number,
      example.format('INTERNATIONAL'),
      number.replace(/\d/g, (digit) => `${digit} `),
    ])
      expect([written, readMobileNumber(written)]).toEqual([written, { number, country }])
    // As it is dialled there, though another country has the same code.
    expect(readMobileNumber(example.format('NATIONAL'), there)).toEqual({ number, country })
    expect(normaliseNumber(number)).toBe(number)
    expect(countryOf(number)).toBe(country)
  },
)

test('whatever is written, it is a number in E.164 or refused, and nothing takes long', () => {
  const signs = fc.constantFrom(...'0123456789+()-./ \u00a0\u2011٠٩０９xX;=,#*abc\u200b')
  const texts = fc.oneof(
    fc.string({ unit: signs, maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  const since = performance.now()
  fc.assert(
    fc.property(
      texts,
      fc.option(fc.constantFrom('AT', 'US', 'IT', 'AR', 'ZZ', ''), { nil: undefined }),
      (text, country) => {
        try {
          const { number } = readMobileNumber(text, country)
          expect(number).toMatch(/^\+[1-9]\d{6,14}$/)
          expect(readMobileNumber(number).number).toBe(number)
        } catch (error) {
          expect(error).toBeInstanceOf(Rejected)
        }
      },
    ),
    { numRuns: 3_000 },
  )
  expect(performance.now() - since).toBeLessThan(10_000)
})
