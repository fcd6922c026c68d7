import { IdOf, Input, Text, type TextRules } from '../../api/input'

/** The secrets of a journey. */
const SECRET = { min: 1, max: 100 } as const

const PROVIDER: TextRules = {
  description: 'Which provider: an `id` of `identityProviders`.',
  min: 1,
  max: 32,
}

const REDIRECT_URL: TextRules = {
  description:
    'Where to lead back to: one of REDIRECT_URLS, letter for letter. The outcome is in the fragment, `#challenge=…&code=…` or `#challenge=…&error=…`.',
  min: 1,
  max: 2_000,
  verbatim: true,
}

@Input('StartProviderSignInInput', 'Where somebody wants to sign in.')
export class StartProviderSignInInput {
  @Text(PROVIDER)
  providerId!: string

  @Text({
    ...REDIRECT_URL,
    description: `${REDIRECT_URL.description} Left out, a page of Portico's own finishes the sign-in, where there is one.`,
    optional: true,
  })
  redirectUrl?: string
}

@Input('StartProviderLinkInput', 'Where somebody wants to be able to sign in.')
export class StartProviderLinkInput {
  @Text(PROVIDER)
  providerId!: string

  @Text(REDIRECT_URL)
  redirectUrl!: string
}

@Input('LinkIdentityInput', 'What you have brought back from the provider.')
export class LinkIdentityInput {
  @IdOf('challenge', 'The challenge that `startProviderLink` answered.')
  challengeId!: string

  @Text({ ...SECRET, description: 'The `code` of the fragment that you were led back with.' })
  code!: string

  @Text({ ...SECRET, description: 'The `verifier` that `startProviderLink` answered.' })
  verifier!: string
}

@Input('UnlinkIdentityInput', 'Where you do not want to sign in any more.')
export class UnlinkIdentityInput {
  @IdOf('identity', 'Which identity.')
  identityId!: string
}
