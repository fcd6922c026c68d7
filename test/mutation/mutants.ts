import { allow, and, deny, or } from 'graphql-shield'
import type { Context } from '../../src/context/context'
import type { Id } from '../../src/core/id'
import { ALL_PERMISSIONS, type Permission } from '../../src/core/permission'
import { holds, holdsSomewhere, viewerId } from '../../src/core/viewer'
import { ask, canRefuse, inWords, predicate, type ShieldRule } from '../../src/graphql/guard'
import {
  can,
  canHandle,
  canOver,
  canOverOthers,
  canSomewhere,
  filtersOnlyBy,
  freshly,
  isActor,
  isImpersonated,
  isInPerson,
  isInSession,
  isSignedIn,
  isThemselves,
  selfOr,
  takesPart,
} from '../../src/graphql/rules'

/** A rule in place of another one that is wrong in one respect. */
export interface Mutant {
  name: string
  rule: ShieldRule
}

/** Makes a rule once: shield takes two rules of one name for a mistake. */
function once<Key>(make: (key: Key) => ShieldRule): (key: Key) => ShieldRule {
  const made = new Map<Key, ShieldRule>()
  return (key) => {
    const rule = made.get(key) ?? make(key)
    made.set(key, rule)
    return rule
  }
}

const subjectOf = ({ id }: { id: Id }) => id
const isSelf = ({ viewer }: Context, { id }: { id: Id }) => id === viewerId(viewer)

/** Nothing but one's own. */
const self = predicate<{ id: Id }>('self alone', isSelf, { subjectOf })

const selfOrSomewhere = once((permission: Permission) =>
  predicate<{ id: Id }>(
    `self, or ${permission} over anybody`,
    (context, user) => isSelf(context, user) || holdsSomewhere(context.viewer, permission),
    { subjectOf },
  ),
)

const selfOrEverywhere = once((permission: Permission) =>
  predicate<{ id: Id }>(
    `self, or ${permission} over everybody alone`,
    (context, user) => isSelf(context, user) || holds(context.viewer, permission),
    { subjectOf },
  ),
)

/** Of whatever is a person's, be they the viewer. */
const canHandleOwn = once((permission: Permission) =>
  predicate<{ userId: Id }>(
    `${permission} over everybody, whose ever it is`,
    ({ viewer }) => holds(viewer, permission),
    { subjectOf: ({ userId }) => userId },
  ),
)

/** The same rule, but nothing is noted. */
const unnoted = once((rule: ShieldRule) =>
  predicate(`${inWords(rule)}, unnoted`, () => false, {
    otherwise: async (context, parent) => (await ask(rule, context, parent)) as boolean | Error,
  }),
)

const others = (permission: Permission): Permission[] => ALL_PERMISSIONS.filter((each) => each !== permission)

const mutant = (rule: ShieldRule, name = inWords(rule)): Mutant => ({ name, rule })

/** What rules of one kind are made into, by the permission that they ask for. */
interface Kind {
  make: (permission: Permission) => ShieldRule
  mutants: (permission: Permission) => Mutant[]
}

const weaker = [allow, isSignedIn, isInSession].map((rule) => mutant(rule))

const KINDS: Kind[] = [
  {
    make: can,
    mutants: (permission) => [
      ...weaker,
      mutant(canSomewhere(permission)),
      ...others(permission).map((other) => mutant(can(other))),
    ],
  },
  {
    make: canSomewhere,
    mutants: (permission) => [
      ...weaker,
      mutant(can(permission)),
      ...others(permission).map((other) => mutant(canSomewhere(other))),
    ],
  },
  {
    make: canOver,
    mutants: (permission) => [
      ...weaker,
      mutant(can(permission)),
      mutant(canSomewhere(permission)),
      mutant(selfOr(permission)),
      mutant(unnoted(canOver(permission))),
      ...others(permission).map((other) => mutant(canOver(other))),
    ],
  },
  {
    make: canOverOthers,
    mutants: (permission) => [
      ...weaker,
      mutant(can(permission)),
      mutant(canSomewhere(permission)),
      mutant(canOver(permission)),
      mutant(selfOr(permission)),
      mutant(unnoted(canOverOthers(permission))),
      ...others(permission).map((other) => mutant(canOverOthers(other))),
    ],
  },
  {
    make: canHandle,
    mutants: (permission) => [
      ...weaker,
      mutant(can(permission)),
      mutant(canSomewhere(permission)),
      mutant(canHandleOwn(permission)),
      mutant(unnoted(canHandle(permission))),
      ...others(permission).map((other) => mutant(canHandle(other))),
    ],
  },
  {
    make: selfOr,
    mutants: (permission) => [
      ...weaker,
      mutant(self),
      mutant(canOver(permission)),
      mutant(selfOrSomewhere(permission)),
      mutant(selfOrEverywhere(permission)),
      mutant(unnoted(selfOr(permission))),
      ...others(permission).map((other) => mutant(selfOr(other))),
    ],
  },
]

/**
 * Every way in which a rule of the policy is made wrong: removed, weakened, widened part by part, given the wrong permission
 * or the wrong scope, robbed of its note or of the fresh proof that it asks for; and where everybody may, closed.
 * @throws Error for a rule of a kind that is not known here.
 */
export function mutantsOf(rule: ShieldRule): Mutant[] {
  if (rule === allow) return [mutant(deny)]
  if (rule === isSignedIn) return [mutant(allow), mutant(isInSession)]
  if (rule === isInSession) return [mutant(allow), mutant(isSignedIn)]
  if (rule === isThemselves) return [mutant(allow), mutant(isSignedIn), mutant(isInSession)]
  if (rule === isImpersonated) return [mutant(allow), mutant(isSignedIn), mutant(isThemselves)]
  if (rule === isActor) return weaker
  if (rule === isInPerson) return [...weaker, mutant(self)]
  // The WHERE decides; the rule says that there is nothing to note.
  if (rule === takesPart) return [mutant(deny)]
  for (const { make, mutants } of KINDS) {
    const permission = ALL_PERMISSIONS.find((each) => make(each) === rule)
    if (permission) return mutants(permission)
  }
  const inner = [isInSession, ...KINDS.flatMap(({ make }) => ALL_PERMISSIONS.map(make))].find(
    (each) => freshly(each) === rule,
  )
  if (inner) {
    // A proof is given in a session, so that this is what is left of `isSignedIn`, and no mutant of `isInSession`.
    const stillFresh = mutantsOf(inner).filter((each) => each.rule !== allow && each.rule !== isSignedIn)
    return [
      mutant(allow),
      mutant(inner, `${inWords(inner)}, without a fresh proof`),
      ...stillFresh.map((each) => mutant(freshly(each.rule))),
    ]
  }
  const filters = filtersOf(rule)
  if (filters) {
    return Object.entries(filters).flatMap(([field, permission]) => [
      mutant(filtersOnlyBy(Object.fromEntries(Object.entries(filters).filter(([each]) => each !== field)))),
      ...others(permission).map((other) => mutant(filtersOnlyBy({ ...filters, [field]: other }))),
    ])
  }
  const { rules: parts } = rule as { rules?: ShieldRule[] }
  const combine = [and, or].find((each) => rule.constructor === each(allow).constructor)
  if (parts && combine) {
    return [
      ...(combine === or ? [mutant(unnoted(rule))] : []),
      ...parts.flatMap((part, index) => [
        mutant(without(parts, index, combine), `${inWords(part)} dropped`),
        ...mutantsOf(part).map((each) =>
          mutant(combine(...parts.with(index, each.rule)), `${inWords(part)} → ${each.name}`),
        ),
      ]),
    ]
  }
  // What only notes who reads.
  if (!canRefuse(rule)) return [mutant(allow, 'unnoted'), mutant(deny)]
  throw new Error(`Nobody has said in test/mutation/mutants.ts how the rule “${inWords(rule)}” can be wrong.`)
}

function without(parts: readonly ShieldRule[], index: number, combine: typeof and): ShieldRule {
  const left = parts.toSpliced(index, 1)
  return left.length === 1 ? left[0]! : combine(...left)
}

/** What filters ask for, where the rule is about filters: its words say it. */
function filtersOf(rule: ShieldRule): Record<string, Permission> | null {
  const told = [...inWords(rule).matchAll(/(\w+) only with ([\w:-]+)/g)].map(([, field, permission]) => [
    field,
    permission,
  ])
  const filters = Object.fromEntries(told) as Record<string, Permission>
  return told.length > 0 && inWords(filtersOnlyBy(filters)) === inWords(rule) ? filters : null
}
