import { AuditEvent } from '../../src/modules/audit/audit-event.entity'
import { codes } from '../support/account'
import { transactionOf } from '../support/database-bytes'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

const UPDATE = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    user { id displayName bio locale timeZone version }
    userErrors { code field message }
  }
}`

const update = async (person: Person, input: object) =>
  (await person.api.data(UPDATE, { input })).updateProfile

const profileOf = async (person: Person) =>
  (await person.api.data('{ viewer { displayName bio locale timeZone version } }')).viewer

const updatesOf = ({ id }: Person) =>
  world.db.repo(AuditEvent).findBy({ action: 'profile.updated', actorId: id })

/** Fails unless the change is refused for this field, in these words, and nothing is changed. */
async function expectRefused(
  person: Person,
  input: object,
  problem: { code: string; field: string; message: string },
) {
  const before = await profileOf(person)
  const { user, userErrors } = await update(person, input)
  expect({ user, userErrors }).toEqual({ user: null, userErrors: [{ ...problem, field: [problem.field] }] })
  expect(await profileOf(person)).toEqual(before)
}

describe('a profile', () => {
  test('R92 is changed by its person, field by field; what is left out stays', async () => {
    const person = await world.person()
    const before = await profileOf(person)
    const { user, userErrors } = await update(person, {
      bio: 'First line.\nSecond line.',
      timeZone: 'Europe/Berlin',
    })
    expect(userErrors).toEqual([])
    expect(user).toEqual({
      id: person.globalId,
      displayName: before.displayName,
      bio: 'First line.\nSecond line.',
      locale: 'en',
      timeZone: 'Europe/Berlin',
      version: 2,
    })
    const all = { displayName: 'Zoë', bio: null, locale: 'pt-BR', timeZone: 'America/Argentina/Buenos_Aires' }
    expect((await update(person, all)).user).toMatchObject({ ...all, version: 3 })
    expect(await profileOf(person)).toEqual({ ...all, version: 3 })
  })

  test('R80 R81 a change and its event are one transaction, and the event names the fields', async () => {
    const person = await world.person()
    await update(person, { displayName: 'Somebody Else', timeZone: 'UTC', bio: 'New.' })
    const [event, ...more] = await updatesOf(person)
    expect(event).toMatchObject({
      subjectId: person.id,
      target: person.globalId,
      details: { fields: ['displayName', 'bio'] },
    })
    expect(more).toEqual([])
    expect(await transactionOf(world.db, 'audit_events', event!.id)).toBe(
      await transactionOf(world.db, 'users', person.id),
    )
  })

  test('does not count what changes nothing', async () => {
    const person = await world.person()
    const before = await profileOf(person)
    const same = { displayName: `  ${before.displayName} `, locale: before.locale, bio: '' }
    for (const input of [{}, same]) expect((await update(person, input)).user).toMatchObject({ version: 1 })
    expect(await updatesOf(person)).toEqual([])
  })

  test.each([[null], [''], [' \n '], ['\u200b']])('loses its bio to %j', async (bio) => {
    const person = await world.person()
    await update(person, { bio: 'Something.' })
    expect((await update(person, { bio })).user).toMatchObject({ bio: null, version: 3 })
  })

  test.each(['displayName', 'locale', 'timeZone'])('cannot lose its %s', async (field) => {
    const message = 'This cannot be removed, only changed; leave it out to keep it.'
    await expectRefused(
      await world.person(),
      { bio: 'New.', [field]: null },
      { code: 'REQUIRED', field, message },
    )
  })

  test('R56 takes no field that it does not name', async () => {
    const person = await world.person()
    for (const field of [
      'id',
      'username',
      'email',
      'status',
      'role',
      'permissions',
      'version',
      'createdAt',
    ]) {
      expect(await person.api.errorCode(UPDATE, { input: { [field]: 'admin' } })).toBe('BAD_USER_INPUT')
    }
    expect(await profileOf(person)).toMatchObject({ version: 1 })
  })
})

describe('two people at one profile', () => {
  test('a stale version is a conflict, which carries the profile as it is', async () => {
    const person = await world.person()
    await update(person, { displayName: 'From the phone', expectedVersion: 1 })
    const { errors } = await person.api.send(UPDATE, {
      input: { displayName: 'From the laptop', expectedVersion: 1 },
    })
    expect(errors![0]!.extensions).toEqual({
      code: 'CONFLICT',
      currentVersion: 2,
      current: { displayName: 'From the phone', bio: null, locale: 'en', timeZone: 'UTC' },
    })
    expect(await profileOf(person)).toMatchObject({ displayName: 'From the phone', version: 2 })
    expect((await update(person, { displayName: 'From the laptop', expectedVersion: 2 })).userErrors).toEqual(
      [],
    )
    expect((await update(person, { bio: 'Regardless.', expectedVersion: null })).user).toMatchObject({
      version: 4,
    })
  })

  test('of ten changes of one version at once, one is made', async () => {
    const person = await world.person()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        person.api.send(UPDATE, { input: { bio: `Version ${index}`, expectedVersion: 1 } }),
      ),
    )
    const conflicts = answers.filter(({ errors }) => errors?.[0]?.extensions.code === 'CONFLICT')
    expect(conflicts).toHaveLength(9)
    expect(await profileOf(person)).toMatchObject({ version: 2 })
    expect(await updatesOf(person)).toHaveLength(1)
  })
})

describe('what may be written', () => {
  test('text is stored trimmed and composed', async () => {
    const person = await world.person()
    const { user } = await update(person, {
      displayName: '\u3000\ufeff Zoe\u0308 \t',
      bio: '\n e\u0301 \r\n',
    })
    expect(user).toMatchObject({ displayName: 'Zoë', bio: 'é' })
  })

  test('R64 a length is counted in code points, after composing', async () => {
    const person = await world.person()
    for (const displayName of ['😀'.repeat(80), 'e\u0323\u0302'.repeat(80)]) {
      expect(codes(await update(person, { displayName }))).toEqual([])
    }
    for (const [field, max] of [
      ['displayName', 80],
      ['bio', 500],
    ] as const) {
      const message = `Use at most ${max} characters.`
      for (const value of ['😀'.repeat(max + 1), 'x'.repeat(90_000)]) {
        await expectRefused(person, { [field]: value }, { code: 'TOO_LONG', field, message })
      }
    }
  })

  test.each([
    ['an empty text', ''],
    ['white space', ' \t\u00a0\u2003\n'],
    ['what cannot be seen', '\u200b\u2060\u00ad\u3164\u2800'],
  ])('%s is no name', async (_, displayName) => {
    const message = 'This must not be empty.'
    await expectRefused(
      await world.person(),
      { displayName },
      { code: 'REQUIRED', field: 'displayName', message },
    )
  })

  test('R65 a name stands in one line and holds no control characters', async () => {
    const person = await world.person()
    const message = 'Write this in one line, without control characters.'
    for (const character of ['\r\n', '\n', '\t', '\u2028', '\u2029']) {
      await expectRefused(
        person,
        { displayName: `A${character}B` },
        { code: 'INVALID', field: 'displayName', message },
      )
    }
    const marks = ['\u061c', '\u200e', '\u200f', '\u202e', '\u2066']
    for (const character of ['\0', '\u0007', '\u0085', '\u009b', '\ud83d', ...marks]) {
      for (const field of ['displayName', 'bio']) {
        const input = { [field]: `A${character}B` }
        expect(await person.api.errorCode(UPDATE, { input })).toBe('BAD_USER_INPUT')
      }
    }
    expect(await profileOf(person)).toMatchObject({ version: 1 })
  })

  test('R73 marks are not piled up on one letter, which would take seconds to compose', async () => {
    const person = await world.person()
    expect(codes(await update(person, { displayName: `Z${'\u0301\u0316'.repeat(15)}algo` }))).toEqual([])
    const problem = { code: 'INVALID', field: 'bio', message: 'Put fewer marks on one letter.' }
    await expectRefused(person, { bio: `Z${'\u0301\u0316'.repeat(16)}algo` }, problem)
    const normalise = jest.spyOn(String.prototype, 'normalize')
    const message = 'Use at most 500 characters.'
    await expectRefused(
      person,
      { bio: `Z${'\u0301\u0316'.repeat(20_000)}` },
      { code: 'TOO_LONG', field: 'bio', message },
    )
    expect(normalise.mock.contexts.filter((text) => /\p{M}{31}/u.test(String(text)))).toEqual([])
    normalise.mockRestore()
  })

  test('emoji, joined and coloured, stay whole', async () => {
    const person = await world.person()
    const displayName = '👩🏽‍💻 ❤️ 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿'
    expect((await update(person, { displayName })).user).toMatchObject({ displayName })
  })

  test('SQL and markup are text like any other', async () => {
    const person = await world.person()
    const displayName = `Robert'); DROP TABLE users;-- <b>%_\\ $1 {{x}}`
    expect((await update(person, { displayName })).user).toMatchObject({ displayName })
    expect(await profileOf(person)).toMatchObject({ displayName })
  })

  test.each(['de', 'pt-BR', 'zh-Hant-TW', 'en-u-ca-buddhist', 'sr-Latn'])(
    '%s is a locale',
    async (locale) => {
      expect((await update(await world.person(), { locale })).user).toMatchObject({ locale })
    },
  )

  test.each(['en_US', 'EN-us', 'e', 'x-klingon', 'en-', 'de-DE-'])('%s is none', async (locale) => {
    const { userErrors } = await update(await world.person(), { locale })
    expect(userErrors).toMatchObject([{ field: ['locale'] }])
  })

  test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    '%s is a time zone',
    async (timeZone) => {
      expect((await update(await world.person(), { timeZone })).user).toMatchObject({ timeZone })
    },
  )

  test.each(['Mars/Olympus', '+02:00', 'Europe/', '../etc/passwd', 'CEST'])(
    '%s is none',
    async (timeZone) => {
      const message = 'Use an IANA time zone such as `Europe/Berlin`.'
      await expectRefused(await world.person(), { timeZone }, { code: 'INVALID', field: 'timeZone', message })
    },
  )
})
