import { registerEnumType } from 'type-graphql'
import { Shown, Type } from '../../api/type'
import type { Id } from '../../core/id'
import type { Permission } from '../../core/permission'
import type { PastGrant } from '../../modules/role/role-grant.loader'
import { RoleGrantType } from '../../modules/role/role-grant.type'

/** Who else has a say once the policy has let somebody through. */
export enum FurtherDecision {
  QUERY = 'QUERY',
  SERVICE = 'SERVICE',
}

registerEnumType(FurtherDecision, {
  name: 'FurtherDecision',
  description: 'What else decides once the policy has let somebody through. Append-only.',
  valuesConfig: {
    QUERY: { description: 'Which rows are shown is decided by the query, for each row.' },
    SERVICE: {
      description:
        'Whether this change is allowed, and to whom, is decided by the service that makes it: nobody acts on somebody above them.',
    },
  },
})

/** An answer, with whom it is about and what the resolvers look up. */
export interface AccessExplanation extends AccessExplanationType {
  userId: Id
  grants: PastGrant[]
}

@Type(
  'AccessExplanation',
  'Whether somebody may see or do something at this moment, in a session of theirs, and why. Needs `access:explain`.',
)
export class AccessExplanationType {
  @Shown(() => String, 'The field that was asked about.')
  field!: string

  @Shown(
    () => Boolean,
    'Whether they may: where `needsStepUp` or `needsReason` is true, in a request that brings what is needed.',
  )
  isAllowed!: boolean

  @Shown(() => String, 'Whom the rule of the field lets through.')
  rule!: string

  @Shown(
    () => [String],
    'The fields by which it is reached from the person or from the root, where that is not at once: the rule of each was asked.',
  )
  through!: string[]

  @Shown(() => String, 'Why, in a sentence.')
  because!: string

  @Shown(
    () => [String],
    'The permissions of which each alone would let somebody else through, held over everybody.',
  )
  permissions!: Permission[]

  @Shown(
    () => [RoleGrantType],
    'The grants of which each alone lets them through; none where they need none, or are refused.',
  )
  grants!: RoleGrantType[]

  @Shown(() => Boolean, 'Whether it takes a fresh proof of identity, which may be missing.')
  needsStepUp!: boolean

  @Shown(() => Boolean, 'Whether it takes a reason, in the header `Access-Reason`.')
  needsReason!: boolean

  @Shown(
    () => Boolean,
    'Whether they are refused because their permissions rest: staff have to sign in with a second factor, and they have none.',
  )
  needsSecondFactor!: boolean

  @Shown(
    () => Boolean,
    'Whether the account is suspended: whoever comes with a token of theirs is a stranger, and is asked about as one.',
  )
  isSuspended!: boolean

  @Shown(() => FurtherDecision, 'What else decides once they are let through; null where nothing does.', true)
  decidedFurther!: FurtherDecision | null
}
