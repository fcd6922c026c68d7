import { isTimeZone } from '../../src/core/locale'

test.each(['UTC', 'Europe/Berlin', 'Asia/Calcutta', 'Etc/GMT+5'])('%s is a time zone', (name) => {
  expect(isTimeZone(name)).toBe(true)
})

test.each(['IST', 'ACT', 'Europe/Atlantis', '+01:00', '2020-01-01T00:00[Europe/Berlin]', ''])(
  '%j is none that can be reckoned with',
  (name) => {
    expect(isTimeZone(name)).toBe(false)
  },
)
