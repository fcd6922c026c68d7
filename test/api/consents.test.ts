import { toGlobalId } from '../../src/core/id'
import { ConsentService } from '../../src/modules/consent/consent.service'
import { outcomeOf, upload } from '../support/avatars'
import { applicant, beginSignUp, codeSentTo } from '../support/account'
import { consentOf } from '../support/privacy'
import { storedAccessToken } from '../support/access-token'
import { PURPOSES, useWorld, type Person } from '../support/world'

const TERMS = {
  id: 'terms',
  basis: 'contract',
  version: '2',
  texts: {
    en: { name: 'Terms of service', text: 'Be kind.' },
    de: { name: 'Nutzungsbedingungen', text: 'Sei freundlich.' },
  },
}
const world = useWorld({ CONSENT_PURPOSES: JSON.stringify([TERMS, ...PURPOSES]) })
const withoutTerms = useWorld()

const CONSENT = 'purpose version locale source given decidedAt isCurrent'
const give = async ({ api }: Pick<Person, 'api'>, purposeId: string, version: string) =>
  (
    await api.data(
      `mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { consent { ${CONSENT} } userErrors { code field message } } }`,
      { input: { purposeId, version } },
    )
  ).giveConsent
const withdraw = async ({ api }: Pick<Person, 'api'>, purposeId: string) =>
  (
    await api.data(
      `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { ${CONSENT} } userErrors { code } } }`,
      { input: { purposeId } },
    )
  ).withdrawConsent
const object = async ({ api }: Pick<Person, 'api'>, input: object) =>
  (
    await api.data(
      `mutation ($input: ObjectToProcessingInput!) { objectToProcessing(input: $input) { privacyRequest { kind status purpose message } userErrors { code field } } }`,
      { input },
    )
  ).objectToProcessing
const hasConsent = ({ id }: Person, purposeId: string, of = withoutTerms) =>
  new ConsentService(of.db).hasConsent(id, purposeId)
const codesOf = async ({ api }: Pick<Person, 'api'>, query: string) =>
  ((await api.send(query)).errors ?? []).map(({ extensions }) => extensions.code)

/** What everybody is refused who has yet to agree, and nobody else. */
const GATED = [
  '{ viewer { sessions { totalCount } } }',
  '{ viewer { preferences { key } } }',
  'mutation { updateProfile(input: { bio: "Mine." }) { userErrors { code } } }',
  'mutation { createPost(input: { title: "T", body: "B" }) { userErrors { code } } }',
  '{ user(id: "user_01890000000000000000000000") { id } }',
]

describe('consents', () => {
  test('R94 what was given, taken back and given again takes effect at once, and all of it stays, by version and time', async () => {
    const person = await withoutTerms.person()
    expect(await hasConsent(person, 'newsletter')).toBe(false)
    const { consent, userErrors } = await give(person, 'newsletter', '1')
    expect(userErrors).toEqual([])
    expect(consent).toEqual({
      purpose: 'newsletter',
      version: '1',
      locale: 'en',
      source: 'WEB',
      given: true,
      decidedAt: expect.any(String),
      isCurrent: true,
    })
    expect(await hasConsent(person, 'newsletter')).toBe(true)
    expect((await withdraw(person, 'newsletter')).consent).toMatchObject({ given: false, isCurrent: false })
    expect(await hasConsent(person, 'newsletter')).toBe(false)
    await give(person, 'newsletter', '1')
    expect(await hasConsent(person, 'newsletter')).toBe(true)
    const { viewer } = await person.api.data(
      `{ viewer { consents { ${CONSENT} } consentHistory { totalCount edges { node { given version decidedAt } } } } }`,
    )
    expect(viewer.consents).toMatchObject([{ purpose: 'newsletter', given: true, isCurrent: true }])
    const history = viewer.consentHistory.edges.map(({ node }: { node: { given: boolean } }) => node)
    expect(history.map(({ given }: { given: boolean }) => given)).toEqual([true, false, true])
    const moments = history.map(({ decidedAt }: { decidedAt: string }) => decidedAt)
    expect(moments).toEqual([...new Set(moments)].sort().reverse())
  })

  test('name the version that was shown: another is refused, and the current one told', async () => {
    const person = await withoutTerms.person()
    const { userErrors } = await give(person, 'newsletter', '0')
    expect(userErrors).toEqual([
      { code: 'STALE', field: ['version'], message: expect.stringContaining('its version is 1 now') },
    ])
    expect((await give(person, 'nothing', '1')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect(await hasConsent(person, 'newsletter')).toBe(false)
  })

  test('are a ledger that the role of requests cannot rewrite', async () => {
    await consentOf(await withoutTerms.person())
    for (const statement of [
      'UPDATE consents SET given = NOT given',
      'DELETE FROM consents',
      'TRUNCATE consents',
    ])
      await expect(withoutTerms.db.query(statement)).rejects.toThrow('permission denied')
  })

  test('of two words at the same moment one is the last, and both stay', async () => {
    const person = await withoutTerms.person()
    await Promise.all([give(person, 'newsletter', '1'), withdraw(person, 'newsletter')])
    const rows = await withoutTerms.db.query<{ decided_at: Date }>(
      'SELECT decided_at FROM consents WHERE user_id = $1',
      [person.id],
    )
    expect(new Set(rows.map(({ decided_at }) => decided_at.getTime())).size).toBe(2)
  })

  test('are shown before anybody signs in, in their language', async () => {
    const ask = async (locale: string) =>
      (
        await world.anonymous.data(
          `{ consentPurposes(locale: "${locale}") { id basis isRequired version locale name } }`,
        )
      ).consentPurposes[0]
    expect(await ask('de-AT')).toEqual({
      id: 'terms',
      basis: 'CONTRACT',
      isRequired: true,
      version: '2',
      locale: 'de',
      name: 'Nutzungsbedingungen',
    })
    expect(await ask('ja')).toMatchObject({ locale: 'en', name: 'Terms of service' })
  })
})

describe('an objection', () => {
  test('R94 to a purpose takes effect at once and is on record; to anything else it waits for an answer', async () => {
    const person = await withoutTerms.person()
    expect(await hasConsent(person, 'analytics')).toBe(true)
    const { privacyRequest } = await object(person, { purposeId: 'analytics', message: 'Not me.' })
    expect(privacyRequest).toEqual({
      kind: 'OBJECTION',
      status: 'DONE',
      purpose: 'analytics',
      message: 'Not me.',
    })
    expect(await hasConsent(person, 'analytics')).toBe(false)
    await give(person, 'analytics', '1')
    expect(await hasConsent(person, 'analytics')).toBe(true)
    expect((await object(person, { message: 'Stop profiling me.' })).privacyRequest).toMatchObject({
      status: 'RECEIVED',
      purpose: null,
    })
    expect((await object(person, {})).userErrors).toEqual([{ code: 'REQUIRED', field: ['message'] }])
    expect((await object(person, { purposeId: 'newsletter' })).userErrors).toMatchObject([
      { code: 'NOT_PERMITTED' },
    ])
  })
})

describe('what is required', () => {
  test('keeps everything but a few things from whoever has not agreed, and opens at once when they do', async () => {
    const person = await world.person()
    for (const query of GATED)
      expect([query, await codesOf(person, query)]).toEqual([query, ['CONSENT_REQUIRED']])
    expect(outcomeOf(await upload(world, person, Buffer.from('x')))).toEqual([
      403,
      'CONSENT_REQUIRED',
      undefined,
    ])
    const auditor = await world.person({ permissions: ['audit:read'] })
    const trail = await fetch(new URL('/audit-export', world.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${auditor.token}` },
      body: '{ "format": "csv" }',
    })
    expect([trail.status, await trail.text()]).toEqual([403, expect.stringContaining('CONSENT_REQUIRED')])
    // Whatever has an id, too.
    const session = toGlobalId('session', person.sessionId)
    expect((await person.api.data(`{ nodes(ids: ["${session}"]) { id } }`)).nodes).toEqual([null])
    const { viewer } = await person.api.data(
      '{ viewer { id username email missingConsents { id version name } consents { purpose } privacyRequests { totalCount } } }',
    )
    expect(viewer).toMatchObject({
      id: person.globalId,
      email: person.email,
      missingConsents: [{ id: 'terms', version: '2', name: 'Terms of service' }],
      consents: [],
    })
    await give(person, 'terms', '2')
    for (const query of GATED) expect([query, await codesOf(person, query)]).toEqual([query, []])
    expect((await withdraw(person, 'terms')).userErrors).toEqual([{ code: 'NOT_PERMITTED' }])
  })

  test('is asked for again when its text changes, also of programs; strangers have nothing to agree to', async () => {
    const person = await world.person()
    await give(person, 'terms', '2')
    const program = await storedAccessToken(world, person.id)
    const ask = 'mutation { updateProfile(input: { bio: "Mine." }) { userErrors { code } } }'
    expect(await codesOf(program, ask)).toEqual([])
    await world.db.query(
      `INSERT INTO consents (id, user_id, purpose, text_version, locale, source, given, decided_at)
       VALUES (gen_random_uuid(), $1, 'terms', '1', 'en', 'web', true, now() + interval '1 day')`,
      [person.id],
    )
    expect(await codesOf(program, ask)).toEqual(['CONSENT_REQUIRED'])
    expect(await codesOf(person, ask)).toEqual(['CONSENT_REQUIRED'])
    expect(await hasConsent(person, 'terms', world)).toBe(false)
    expect(await codesOf({ api: world.anonymous }, '{ posts { totalCount } user(id: "x") { id } }')).toEqual(
      [],
    )
  })

  test('can be left: signing out, restricting and withdrawing are open', async () => {
    const person = await world.person()
    const open = [
      'mutation { restrictProcessing(input: {}) { userErrors { code } } }',
      'mutation { liftRestriction(input: {}) { userErrors { code } } }',
      'mutation { requestRectification(input: { message: "Wrong." }) { userErrors { code } } }',
      'mutation { signOut { userErrors { code } } }',
    ]
    for (const query of open) expect([query, await codesOf(person, query)]).toEqual([query, []])
  })

  test('costs a request no statement of its own, and where nothing is required no question', async () => {
    const asksFor = async (of: typeof world) => {
      const person = await of.person()
      const sent = await of.statements(() => person.api.data('{ viewer { id } }'))
      return sent.filter((sql) => sql.includes('FROM consents')).map((sql) => sql.includes('token_hash = $1'))
    }
    expect(await asksFor(world)).toEqual([true])
    expect(await asksFor(withoutTerms)).toEqual([])
  })

  test('begins with the account where the form has asked for it', async () => {
    const input = applicant()
    const sign = async (consents: object[]) => {
      const challengeId = await beginSignUp(world, input)
      const code = codeSentTo(world, input.email)
      return (
        await world.anonymous.data(
          `mutation ($input: CompleteSignUpInput!) { completeSignUp(input: $input) {
             user { missingConsents { id } consents { purpose given } } userErrors { code field } } }`,
          { input: { challengeId, code, consents } },
        )
      ).completeSignUp
    }
    const { user, userErrors } = await sign([
      { purposeId: 'terms', version: '2' },
      { purposeId: 'newsletter', version: '1' },
    ])
    expect(userErrors).toEqual([])
    expect(user.missingConsents).toEqual([])
    expect(user.consents).toEqual(
      expect.arrayContaining([
        { purpose: 'terms', given: true },
        { purpose: 'newsletter', given: true },
      ]),
    )
  })
})
