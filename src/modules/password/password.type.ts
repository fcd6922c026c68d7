import { Int } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import type { Strength } from '../../crypto/strength-meter'

@Type('PasswordStrength', 'How hard a password is to guess, as advice. Nothing of it is kept.')
export class PasswordStrengthType implements Strength {
  @Shown(() => Int, 'From 0, guessed at once, to 4, not guessed in a long time.')
  score!: number

  @Shown(() => String, 'What is weak about it, for people, in English.', true)
  warning!: string | null

  @Shown(() => [String], 'How it could be stronger, for people, in English.')
  suggestions!: string[]
}
