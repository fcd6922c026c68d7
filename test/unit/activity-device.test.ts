import { deviceOf } from '../../src/modules/activity/device'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each([
  [
    { deviceClass: 'desktop', browser: 'Firefox', os: 'Linux' },
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  ],
  [
    { deviceClass: 'mobile', browser: 'Chrome', os: 'Android' },
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36`,
  ],
  [
    { deviceClass: 'desktop', browser: 'Microsoft Edge', os: 'Windows' },
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`,
  ],
])('%j is known', (device, userAgent) => {
  expect(deviceOf(userAgent)).toEqual(device)
})

test.each([
  'Shop/3.2.1 CFNetwork/1410.0.3 Darwin/22.6.0',
  'alice@example.com',
  'alice@example.com/1 of Vienna/2',
  'Alice Archer 2.0',
  'x'.repeat(100_000),
  '',
  null,
  undefined,
])('nothing is kept of a client that calls itself %.40j', (userAgent) => {
  expect(deviceOf(userAgent)).toEqual({ deviceClass: null, browser: null, os: null })
})
