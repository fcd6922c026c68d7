import { deviceNameOf } from '../../src/modules/session/device-name'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each([
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  [
    'Safari on iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  ],
  [
    'Safari on iPad',
    'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
  ],
  [
    'Safari on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  ],
  [
    'Edge on Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`,
  ],
  [
    'Chrome on Android',
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36`,
  ],
  ['MyApp on iPhone', 'MyApp/1.2 (iPhone; iOS 17.5; Scale/3.00)'],
  ['curl', 'curl/8.5.0'],
  ['node', 'node'],
])('is called %s', (name, userAgent) => {
  expect(deviceNameOf(userAgent)).toBe(name)
})

test.each([null, undefined, '', '  ', 'Mozilla/5.0', 'x'.repeat(100_000), '<b>hello</b>', 'what is this'])(
  'nothing is known of a client that says %.20j',
  (userAgent) => {
    expect(deviceNameOf(userAgent)).toBeNull()
  },
)

test('whatever a client says, its name is short', () => {
  const long = 'y'.repeat(50_000)
  for (const userAgent of [`Firefox/${long}`, `A/1 (iPhone; ${long})`, `${long}/1 (Windows NT 10.0)`]) {
    expect(deviceNameOf(userAgent)?.length ?? 0).toBeLessThanOrEqual(60)
  }
})
