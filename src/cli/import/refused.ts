import type { Rejected } from '../../core/error'
import type { Refusal } from '../../modules/import/import-accounts'

/** An entry of the file cannot be imported. */
export class Refused extends Error {
  readonly refusals: readonly Refusal[]

  constructor(...refusals: Refusal[]) {
    super(refusals.map(({ message }) => message).join(' '))
    this.refusals = refusals
  }

  static of(field: string, code: string, message: string): Refused {
    return new Refused({ field, code, message })
  }

  /** What the rules of the API say, in the file's words. */
  static because({ problems }: Rejected): Refused {
    return new Refused(...problems.map((problem) => ({ ...problem, field: problem.field.join('.') })))
  }
}

/** The entry as a whole cannot be read. */
export const malformed = (message: string): Refused => Refused.of('', 'MALFORMED', message)
