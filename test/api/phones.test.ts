import { DAY, MINUTE, SECOND } from '../../src/core/clock'
import { fromGlobalId, newId, type Id } from '../../src/core/id'
import { Database } from '../../src/db/database'
import type { Tools } from '../../src/db/tools'
import { exportedTables, subjectRows, type SubjectRow } from '../../src/modules/data-export/subject-rows'
import { Phone } from '../../src/modules/phone/phone.entity'
import { PhoneService } from '../../src/modules/phone/phone.service'
import { addPhone } from '../../src/modules/phone/verify-phone'
import { SuppressionReason } from '../../src/modules/suppression/suppression-reason'
import { SuppressionService } from '../../src/modules/suppression/suppression.service'
import { ThrottleService } from '../../src/modules/throttle/throttle.service'
import { codes } from '../support/account'
import { ADD_PHONE, beginPhone, CONFIRM_PHONE, newNumber, phoneOf } from '../support/phones'
import { erased } from '../support/privacy'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

interface ShownPhone {
  id: string
  number: string
  country: string | null
  isPrimary: boolean
  verifiedAt: string
}

const PHONES = '{ viewer { phones { id number country isPrimary verifiedAt } } }'
const MAKE_PRIMARY =
  'mutation ($phoneId: ID!) { makePhonePrimary(input: { phoneId: $phoneId }) { user { phones { id isPrimary } } userErrors { code field } } }'
const REMOVE =
  'mutation ($phoneId: ID!) { removePhone(input: { phoneId: $phoneId }) { user { phones { id } } userErrors { code field } } }'

const mailsTo = (email: string) => world.portico.mailbox!.read(email)
const textsTo = (number: string) => world.portico.mailbox!.read(number)
const begin = async ({ api }: Pick<Person, 'api'>, number: string, country?: string) =>
  (await api.data(ADD_PHONE, { input: { number, country } })).addPhone
const confirm = async ({ api }: Pick<Person, 'api'>, input: { challengeId: string; code: string }) =>
  (await api.data(CONFIRM_PHONE, { input: { challengeId: input.challengeId, code: input.code } }))
    .confirmPhone
const phones = async ({ api }: Pick<Person, 'api'>): Promise<ShownPhone[]> =>
  (await api.data(PHONES)).viewer.phones
const makePrimary = async ({ api }: Pick<Person, 'api'>, phoneId: string) =>
  (await api.data(MAKE_PRIMARY, { phoneId })).makePhonePrimary
const remove = async ({ api }: Pick<Person, 'api'>, phoneId: string) =>
  (await api.data(REMOVE, { phoneId })).removePhone
const errorOf = async ({ api }: Pick<Person, 'api'>, input: { number: string; country?: string }) =>
  (await api.send(ADD_PHONE, { input })).errors?.[0]?.extensions

describe('a phone number', () => {
  test('is added with the code that was sent there, as the first one the primary one, and a mail tells of it', async () => {
    const ada = await world.person()
    const number = newNumber()
    const answer = await begin(ada, number)
    expect(answer).toMatchObject({
      challenge: { kind: 'PHONE_VERIFICATION', methods: ['SMS_CODE'] },
      userErrors: [],
    })
    expect(await phones(ada)).toEqual([])
    const [text] = textsTo(number)
    expect(text!.text).toMatch(/^[A-Z0-9]{8} is your code, for 10 minutes/)
    const { user } = await confirm(ada, { challengeId: answer.challenge.id, code: text!.code! })
    expect(user.phones).toMatchObject([{ number, country: 'AT', isPrimary: true }])
    expect(await phones(ada)).toEqual(user.phones)
    const [told] = mailsTo(ada.email)
    expect(told!.subject).toBe('A phone number was added')
    expect(JSON.stringify(told)).not.toContain(number.slice(-7))
    expect(told!.text).toContain('/secure-account#token=')
  })

  test('beside another is not primary, until it is made so; then the other one is not', async () => {
    const ada = await world.person()
    const [first, second] = [await phoneOf(world, ada), await phoneOf(world, ada)]
    expect(codes(await makePrimary(ada, second))).toEqual([])
    expect((await phones(ada)).map(({ id, isPrimary }) => [id, isPrimary])).toEqual([
      [first, false],
      [second, true],
    ])
    expect(mailsTo(ada.email)[0]!.subject).toBe('Another phone number is your primary one now')
    // Once more changes nothing, and is told to nobody.
    await makePrimary(ada, second)
    expect(mailsTo(ada.email)).toHaveLength(1)
  })

  test('is removed, of which a mail tells; the primary one only when it is the last', async () => {
    const ada = await world.person()
    const [first, second] = [await phoneOf(world, ada), await phoneOf(world, ada)]
    expect(await remove(ada, first)).toEqual({
      user: null,
      userErrors: [{ code: 'NOT_PERMITTED', field: ['phoneId'] }],
    })
    expect(await remove(ada, second)).toEqual({ user: { phones: [{ id: first }] }, userErrors: [] })
    expect(mailsTo(ada.email)[0]!.subject).toBe('A phone number was removed')
    expect(await remove(ada, first)).toEqual({ user: { phones: [] }, userErrors: [] })
    expect(await world.db.query('SELECT FROM phones WHERE user_id = $1', [ada.id])).toEqual([])
  })

  test('of somebody else is none: it is neither made primary nor removed', async () => {
    const [ada, grace] = [await world.person(), await world.person()]
    const phoneId = await phoneOf(world, ada)
    for (const mutation of [MAKE_PRIMARY, REMOVE])
      expect(await grace.api.errorCode(mutation, { phoneId })).toBe('NOT_FOUND')
    expect(await phones(ada)).toHaveLength(1)
  })

  test('R41 is added, removed and made primary with a fresh proof alone; the code may come later', async () => {
    const ada = await world.person()
    const phoneId = await phoneOf(world, ada)
    world.clock.advance(5 * MINUTE)
    const pending = await beginPhone(world, ada)
    world.clock.advance(5 * MINUTE)
    expect(await ada.api.errorCode(ADD_PHONE, { input: { number: newNumber() } })).toBe(
      'REAUTHENTICATION_REQUIRED',
    )
    for (const mutation of [MAKE_PRIMARY, REMOVE])
      expect(await ada.api.errorCode(mutation, { phoneId })).toBe('REAUTHENTICATION_REQUIRED')
    expect(codes(await confirm(ada, pending))).toEqual([])
  })

  test('may be several people’s, none of whom learns of the others: the answers are the same', async () => {
    const [ada, grace] = [await world.person(), await world.person()]
    const number = newNumber()
    await phoneOf(world, ada, number)
    const fresh = await begin(grace, newNumber())
    const shared = await begin(grace, number)
    const shapeOf = (answer: object) =>
      JSON.stringify(answer).replaceAll(/challenge_\w+|\d{4}-[\d-]+T[\d:.]+Z/g, '…')
    expect(shapeOf(shared)).toBe(shapeOf(fresh))
    const { code } = textsTo(number)[0]!
    expect(codes(await confirm(grace, { challengeId: shared.challenge.id, code: code! }))).toEqual([])
    expect((await phones(ada)).map((phone) => phone.number)).toEqual([number])
    expect((await phones(grace)).map((phone) => phone.number)).toEqual([number])
  })

  test('that is one’s own already, or the sixth, is refused, and nothing is sent', async () => {
    const ada = await world.person()
    const own = newNumber()
    await phoneOf(world, ada, own)
    expect(await begin(ada, own)).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['number'] }] })
    for (let count = 1; count < 5; count++) await phoneOf(world, ada)
    const sixth = newNumber()
    expect(await begin(ada, sixth)).toMatchObject({
      userErrors: [{ code: 'NOT_PERMITTED', field: ['number'] }],
    })
    expect([...textsTo(own), ...textsTo(sixth)]).toEqual([])
  })
})

describe('R14 the code of a phone number', () => {
  test('serves once', async () => {
    const ada = await world.person()
    const pending = await beginPhone(world, ada)
    expect(codes(await confirm(ada, pending))).toEqual([])
    expect(codes(await confirm(ada, pending))).toEqual(['INVALID_CODE'])
    expect(await phones(ada)).toHaveLength(1)
  })

  test('serves ten minutes', async () => {
    const ada = await world.person()
    const pending = await beginPhone(world, ada)
    world.clock.advance(10 * MINUTE)
    expect(codes(await confirm(ada, pending))).toEqual(['INVALID_CODE'])
    expect(await phones(ada)).toEqual([])
  })

  test('is void after a newer one', async () => {
    const ada = await world.person()
    const superseded = await beginPhone(world, ada)
    const newer = await beginPhone(world, ada)
    expect(codes(await confirm(ada, superseded))).toEqual(['INVALID_CODE'])
    expect(codes(await confirm(ada, newer))).toEqual([])
    expect((await phones(ada)).map(({ number }) => number)).toEqual([newer.number])
  })

  test('is nobody else’s: the challenge answers whoever began it', async () => {
    const [ada, grace] = [await world.person(), await world.person()]
    const pending = await beginPhone(world, ada)
    expect(codes(await confirm(grace, pending))).toEqual(['INVALID_CODE'])
    expect(await phones(grace)).toEqual([])
    expect(codes(await confirm(ada, pending))).toEqual([])
  })

  test('is not guessed: after five wrong ones the right one is of no use either, and beginning again does not help', async () => {
    const ada = await world.person()
    const pending = await beginPhone(world, ada)
    for (let wrong = 0; wrong < 5; wrong++)
      expect(codes(await confirm(ada, { ...pending, code: 'BBBB-BBBB' }))).toEqual(['INVALID_CODE'])
    const input = { challengeId: pending.challengeId, code: pending.code }
    expect(await ada.api.errorCode(CONFIRM_PHONE, { input })).toBe('RATE_LIMITED')
    const again = await beginPhone(world, ada)
    expect(
      await ada.api.errorCode(CONFIRM_PHONE, { input: { challengeId: again.challengeId, code: again.code } }),
    ).toBe('RATE_LIMITED')
    expect(await phones(ada)).toEqual([])
  })

  test('signs nobody in, and is no fresh proof', async () => {
    const ada = await world.person({ password: 'a quiet morning by the sea' })
    const { challengeId, code } = await beginPhone(world, ada)
    const { completeSignIn } = await world.anonymous.data(
      'mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { token userErrors { code } } }',
      { input: { challengeId, method: 'SMS_CODE', code } },
    )
    expect([completeSignIn.token, codes(completeSignIn).length]).toEqual([null, 1])
    const { data } = await ada.api.send(
      'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { token userErrors { code } } }',
      { input: { challengeId, method: 'SMS_CODE', code } },
    )
    expect(data.reauthenticate?.token ?? null).toBeNull()
  })
})

describe('what is no mobile number is refused with a reason, and nothing is sent', () => {
  test.each([
    ['letters', '+43 660 CALLNOW'],
    ['a word', 'nonsense'],
    ['an extension', '+43 660 1234567 ext. 3'],
    ['an extension of RFC 3966', '+436601234567;ext=3'],
    ['one without its country', '0660 1234567'],
    ['a country code that begins with 0', '+0123456789'],
    ['two plus signs', '++436601234567'],
    ['one that is too short', '+43660123'],
    ['one that is too long', `+43660${'1'.repeat(20)}`],
    ['nothing but signs', '+-()'],
    ['a fraction', '+43 660 ½234567'],
    ['digits with something between that is none', '+43660123\u200b4567'],
  ])('%s', async (_what, number) => {
    const ada = await world.person()
    const answer = await begin(ada, number)
    expect(answer).toMatchObject({ challenge: null, userErrors: [{ code: 'INVALID', field: ['number'] }] })
    expect(answer.userErrors[0].message).toContain('This is not a phone number')
  })

  test.each([
    ['of premium rate', '+439001234567'],
    ['of shared cost', '+448451234567'],
    ['free of charge', '+18005551234'],
    ['a fixed line', '+4312345678'],
    ['personal, which costs as premium rate does', '+447012345678'],
    ['of a satellite, which belongs to no country', '+881612345678'],
    ['of no country', '+80012345678'],
  ])('one that is %s', async (_what, number) => {
    const ada = await world.person()
    const answer = await begin(ada, number)
    expect(answer).toMatchObject({ challenge: null, userErrors: [{ code: 'INVALID', field: ['number'] }] })
    expect(answer.userErrors[0].message).toContain('Give a mobile number')
    expect(textsTo(number)).toEqual([])
  })

  test('one with marks of direction, as text of every field', async () => {
    const ada = await world.person()
    const number = newNumber()
    for (const mark of ['\u200f', '\u202b', '\u2067'])
      expect(await ada.api.errorCode(ADD_PHONE, { input: { number: `${mark}${number}` } })).toBe(
        'BAD_USER_INPUT',
      )
    expect(textsTo(number)).toEqual([])
  })

  test('more than 40 characters, nothing, and a country that there is none of', async () => {
    const ada = await world.person()
    expect(codes(await begin(ada, '1'.repeat(41)))).toEqual(['TOO_LONG'])
    expect(codes(await begin(ada, ' '))).toEqual(['REQUIRED'])
    expect(await begin(ada, '0660 1234567', 'ZZ')).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['country'] }],
    })
    expect(codes(await begin(ada, '0660 1234567', 'AUT'))).toEqual(['TOO_LONG'])
    expect((await begin(ada, '660', 'AT')).userErrors[0].message).toContain('of that country')
  })
})

test.each([
  ['with spaces and a zero in brackets', (digits: string) => `+43 (0) 660 ${digits}`, undefined],
  ['with hyphens that do not break', (digits: string) => `+43\u2011660\u2011${digits}`, undefined],
  ['in fullwidth digits', (digits: string) => fullwidth(`+43660${digits}`), undefined],
  ['in Arabic digits', (digits: string) => arabic(`+43660${digits}`), undefined],
  ['as it is dialled there', (digits: string) => `0660/${digits}`, 'at'],
  ['as it is dialled from there abroad', (digits: string) => `0043 660 ${digits}`, 'AT'],
  ['with its own code, whatever the country', (digits: string) => `+43 660 ${digits}`, 'DE'],
])('a number %s is the same number', async (_how, write, country) => {
  const ada = await world.person()
  const number = newNumber()
  expect(codes(await begin(ada, write(number.slice(6)), country))).toEqual([])
  expect(textsTo(number)).toHaveLength(1)
})

const fullwidth = (text: string) =>
  text.replace(/[+\d]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0))
const arabic = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))

describe('text messages cost money, so they are counted', () => {
  const tooMany = { code: 'RATE_LIMITED', retryAfter: expect.any(Number) }

  test('by person, whatever the number', async () => {
    const ada = await world.person()
    for (let count = 0; count < 5; count++) expect(codes(await begin(ada, newNumber()))).toEqual([])
    const number = newNumber()
    expect(await errorOf(ada, { number })).toMatchObject(tooMany)
    expect(textsTo(number)).toEqual([])
  })

  test('by number, whoever asks', async () => {
    const number = newNumber()
    for (let count = 0; count < 5; count++)
      expect(codes(await begin(await world.person(), number))).toEqual([])
    expect(await errorOf(await world.person(), { number })).toMatchObject(tooMany)
    expect(textsTo(number)).toHaveLength(5)
  })

  test('by person, also when they ask for many at once', async () => {
    const ada = await world.person()
    const numbers = Array.from({ length: 12 }, newNumber)
    await Promise.all(numbers.map((number) => ada.api.send(ADD_PHONE, { input: { number } })))
    expect(numbers.flatMap(textsTo)).toHaveLength(5)
  })

  test('by network, whoever asks and whichever the number; another one is not slowed down', async () => {
    const from = (address: string) => {
      const { tools, caller } = world.db
      return new ThrottleService(Database.of(tools).as({ ...caller, address }))
    }
    for (let count = 0; count < 100; count++) await from('203.0.113.9').tryText(newId(), newNumber(), 'AT')
    await expect(from('203.0.113.9').tryText(newId(), newNumber(), 'AT')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    await from('203.0.113.10').tryText(newId(), newNumber(), 'AT')
  })

  test('what is refused before anything is sent does not count', async () => {
    const ada = await world.person()
    for (let count = 0; count < 7; count++)
      expect(codes(await begin(ada, '+439001234567'))).toEqual(['INVALID'])
    expect(codes(await begin(ada, newNumber()))).toEqual([])
  })
})

describe('where text messages go is the operator’s to say', () => {
  const from = async (ada: Person, changed: Partial<Tools>) =>
    Database.of({ ...world.db.tools, ...changed }).as((await world.asViewer(ada)).caller)

  test('without a provider it is said that none can be sent', async () => {
    const ada = await world.person()
    const db = await from(ada, { sms: null })
    await expect(addPhone(db, { number: newNumber() })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('No text messages can be sent here'),
    })
  })

  test('to no other countries', async () => {
    const ada = await world.person()
    const db = await from(ada, { textLimits: { countries: ['DE', 'CH'], perCountryAndDay: 10 } })
    const number = newNumber()
    await expect(addPhone(db, { number })).rejects.toMatchObject({
      problems: [{ code: 'INVALID', field: ['number'], message: expect.stringContaining('this country') }],
    })
    expect(textsTo(number)).toEqual([])
    expect((await addPhone(db, { number: '+4915112345678' })).kind).toBe('phone-verification')
  })

  test('no more in a day to one country, whoever asks; tomorrow again', async () => {
    const limits = { textLimits: { countries: null, perCountryAndDay: 3 } }
    const begin = async (number: string) => addPhone(await from(await world.person(), limits), { number })
    const swiss = () => `+4179${newNumber().slice(-7)}`
    for (let count = 0; count < 3; count++) await begin(swiss())
    const refused = swiss()
    const seconds = (DAY - (world.clock.now().getTime() % DAY)) / SECOND
    await expect(begin(refused)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      extensions: { retryAfter: expect.closeTo(seconds, -1) },
    })
    expect(textsTo(refused)).toEqual([])
    // Of another country, though of one code: nobody else pays for it.
    await begin('+12015550123')
    world.clock.advance(seconds * SECOND)
    await begin(swiss())
  })

  test('to no number that the provider has refused', async () => {
    const ada = await world.person()
    const number = newNumber()
    const index = world.db.tools.keyring.blindIndex('deliveries.number', number)
    await new SuppressionService(world.db).suppress(index, SuppressionReason.BOUNCED)
    const answer = await begin(ada, number)
    expect(answer).toMatchObject({ challenge: null, userErrors: [{ code: 'INVALID', field: ['number'] }] })
    expect(answer.userErrors[0].message).toContain('do not reach this number')
    expect(textsTo(number)).toEqual([])
  })
})

test('a copy of one’s data has the numbers in clear; erasure takes them, their hashes and the key', async () => {
  const ada = await world.person()
  const number = newNumber()
  await phoneOf(world, ada, number)
  const table = exportedTables().find(({ name }) => name === 'phones')!
  const copied: SubjectRow[] = []
  await world.db.transaction(async (tx) => {
    for await (const rows of subjectRows(tx, table, ada.id)) copied.push(...rows)
  })
  expect(copied).toMatchObject([{ phoneNumber: number, isPrimary: true, verifiedAt: expect.any(Date) }])
  expect(JSON.stringify(copied)).not.toContain('phoneNumberIndex')

  const [kept] = await world.db.query<{ phone_number: Buffer; id: Id }>(
    'SELECT id, phone_number FROM phones WHERE user_id = $1',
    [ada.id],
  )
  await erased(world, ada)
  expect(await world.db.query('SELECT FROM phones WHERE user_id = $1', [ada.id])).toEqual([])
  expect(await new PhoneService(world.db).ownersOf(number)).toEqual([])
  // What an old copy of the table still holds opens with no key.
  const at = { id: kept!.id, ownerId: ada.id }
  const index = world.db.codec.blindIndex(Phone, 'phoneNumber', number)
  expect(
    await world.db.codec.open(
      Phone,
      'phoneNumber',
      [at],
      () => kept!.phone_number,
      () => index,
    ),
  ).toEqual([null])
})

test('parallel changes leave one primary number, and no more than one may have', async () => {
  const ada = await world.person()
  const ids = [await phoneOf(world, ada), await phoneOf(world, ada), await phoneOf(world, ada)]
  await Promise.all([...ids, ...ids].map((id) => makePrimary(ada, id)))
  const primaries = (await phones(ada)).filter(({ isPrimary }) => isPrimary)
  expect(primaries).toHaveLength(1)

  const twins = await Promise.allSettled(Array.from({ length: 6 }, () => phoneOf(world, ada)))
  expect(twins.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect(await phones(ada)).toHaveLength(5)
})

test('of the same code given at once, one serves', async () => {
  const ada = await world.person()
  const pending = await beginPhone(world, ada)
  const answers = await Promise.all(Array.from({ length: 4 }, () => confirm(ada, pending)))
  expect(answers.filter((answer) => codes(answer).length === 0)).toHaveLength(1)
  expect(await phones(ada)).toHaveLength(1)
})

test('staff find people by their number, however it is written, and nobody by what is none', async () => {
  const [ada, grace, manager] = [
    await world.person(),
    await world.person(),
    await world.person({ role: 'manager' }),
  ]
  const number = newNumber()
  await phoneOf(world, ada, number)
  await phoneOf(world, grace, number)
  const find = async (phone: string) =>
    (
      await manager.api.data(
        'query ($phone: String!) { users(filter: { phone: $phone }) { totalCount edges { node { id phones { number } } } } }',
        { phone },
      )
    ).users
  const found = await find(`+43 (0) 660 ${number.slice(6)}`)
  expect(found.totalCount).toBe(2)
  expect(found.edges.map(({ node }: { node: { id: string } }) => node.id).sort()).toEqual(
    [ada.globalId, grace.globalId].sort(),
  )
  expect((await find(newNumber())).totalCount).toBe(0)
  const { errors } = await manager.api.send('{ users(filter: { phone: "nonsense" }) { totalCount } }')
  expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
})

test('a number finds nobody whose contact data the viewer may not read, though they may browse everybody', async () => {
  const [ada, grace] = [await world.person(), await world.person()]
  const number = newNumber()
  await phoneOf(world, ada, number)
  await phoneOf(world, grace, number)
  const group = await world.group(ada)
  const staff = await world.person({ permissions: ['users:read', 'users:read-contact'], over: group })
  const { users } = await staff.api.data(
    'query ($phone: String!) { users(filter: { phone: $phone }) { totalCount edges { node { id } } } }',
    { phone: number },
  )
  expect(users).toEqual({ totalCount: 1, edges: [{ node: { id: ada.globalId } }] })
})

test('numbers are shown to the person and to who may read contact data, which is noted; to nobody else', async () => {
  const [ada, grace, manager] = [
    await world.person(),
    await world.person(),
    await world.person({ role: 'manager' }),
  ]
  await phoneOf(world, ada)
  const ASK = 'query ($id: ID!) { user(id: $id) { phones { number } } }'
  expect(await grace.api.errorCode(ASK, { id: ada.globalId })).toBe('FORBIDDEN')
  expect((await manager.api.data(ASK, { id: ada.globalId })).user.phones).toHaveLength(1)
  const { viewer } = await ada.api.data('{ viewer { accessLog(first: 5) { edges { node { fields } } } } }')
  expect(JSON.stringify(viewer.accessLog)).toContain('phones')
})

test('an account that was said not to be one’s own doing loses the numbers of the last week', async () => {
  const ada = await world.person()
  const old = await phoneOf(world, ada)
  await world.db.query(`UPDATE phones SET verified_at = verified_at - interval '8 days' WHERE user_id = $1`, [
    ada.id,
  ])
  const added = await phoneOf(world, ada)
  await makePrimary(ada, added)
  await world.anonymous.data(
    'mutation ($token: String!) { disownSecurityEvent(input: { token: $token }) { userErrors { code } } }',
    { token: mailsTo(ada.email)[0]!.text.split('/secure-account#token=')[1]!.split(/\s/)[0] },
  )
  expect(await world.db.query('SELECT id, is_primary FROM phones WHERE user_id = $1', [ada.id])).toEqual([
    { id: fromGlobalId(old)!.id, is_primary: true },
  ])
})

test('in the trail are ids, no numbers', async () => {
  const ada = await world.person()
  const pending = await beginPhone(world, ada)
  await confirm(ada, { ...pending, code: 'BBBB-BBBB' })
  await confirm(ada, pending)
  const rows = await world.db.query<{ action: string; target: string | null }>(
    `SELECT action, target, details::text FROM audit_events WHERE subject_id = $1 AND action LIKE 'phone.%' ORDER BY occurred_at, id`,
    [ada.id],
  )
  expect(rows.map(({ action }) => action)).toEqual([
    'phone.verification-requested',
    'phone.verification-failed',
    'phone.added',
  ])
  expect(JSON.stringify(rows)).not.toContain(pending.number.slice(-7))
  expect(fromGlobalId(rows[2]!.target!)!.kind).toBe('phone')
})
