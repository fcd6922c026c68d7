import { account, applicant, beginSignUp, passwordResetOf } from '../support/account'
import { useWorld } from '../support/world'

const world = useWorld()

const newestMail = (email: string) => world.portico.mailbox!.read(email)[0]!

const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`

describe('mails speak the language of whoever reads them', () => {
  test('from the code at sign-up on, in the language of the sign-up', async () => {
    const german = applicant({ locale: 'de-AT' })
    await beginSignUp(world, german)
    const mail = newestMail(german.email)
    expect(mail.subject).toBe(`${mail.code} ist dein Code`)
    expect(mail.html).toContain('<html lang="de">')
    expect(mail.text).toContain('innerhalb von 10 Minuten')
  })

  test('and afterwards in the language and the time of the profile', async () => {
    const person = await account(world, { locale: 'de' })
    await person.api.data(
      'mutation { updateProfile(input: { timeZone: "Europe/Vienna" }) { userErrors { code } } }',
    )
    await person.api.data(CHANGE, {
      input: { currentPassword: person.password, newPassword: 'harbour lantern at dusk' },
    })
    const changed = newestMail(person.email)
    expect(changed.subject).toBe('Dein Passwort wurde geändert')
    expect(changed.text).toMatch(/Wann: .* ME(S?)Z\nGerät: \w+\nNetz: 127\.0\.0\.0\/24/)

    await passwordResetOf(world, person)
    expect(newestMail(person.email).subject).toBe('Wähle ein neues Passwort')
    await person.api.data('mutation { updateProfile(input: { locale: "fr" }) { userErrors { code } } }')
    await passwordResetOf(world, person)
    expect(newestMail(person.email).subject).toBe('Choose a new password')
  })

  test('whoever signs up with the address of somebody else does not choose the language of the mail to them', async () => {
    const { email } = await account(world, { locale: 'de' })
    await beginSignUp(world, applicant({ email, locale: 'en' }))
    expect(newestMail(email).subject).toBe('Du hast schon ein Konto')
  })
})

describe('what a stranger learns', () => {
  const work = (query: string, input: object) =>
    world.statements(() => world.anonymous.data(query, { input }))
  // What depends on the moment, such as the data key of a new row, is the same for both.
  test('R28 R30 a sign-up takes the same statements whether or not the address has an account', async () => {
    const { email } = await world.person()
    const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { userErrors { code } } }`
    await work(SIGN_UP, applicant())
    expect(await work(SIGN_UP, applicant({ email }))).toEqual(await work(SIGN_UP, applicant()))
  })

  test('R28 R30 a request for a reset takes the same statements for somebody and for nobody', async () => {
    const [known, suspended] = [await world.person(), await world.person()]
    await world.suspend(suspended)
    const RESET = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { code } } }`
    const nobody = await work(RESET, { login: 'nobody@example.com' })
    expect(await work(RESET, { login: known.email })).toEqual(nobody)
    expect(await work(RESET, { login: suspended.email })).toEqual(nobody)
  })
})
