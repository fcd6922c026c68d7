import { defineFacts, type FactSet } from './fact-set'

/*
 * What is counted, each in one place. A change of one asks for `portico insight rebuild`; a new table asks for a trigger that marks
 * its changes, in a migration.
 */

/** What a person has chosen themselves; what they inherit is told as a group of its own. */
const chosen = (key: string, person: string): string =>
  `coalesce((SELECT value #>> '{}' FROM preferences WHERE user_id = ${person} AND key = '${key}' AND value IS NOT NULL), 'inherited')`

const SIGN_UPS = defineFacts({
  name: 'sign-ups',
  sources: ['users'],
  groups: { LANGUAGE: chosen('language', 'person.id'), THEME: chosen('theme', 'person.id') },
  at: 'person.created_at',
  person: 'person.id',
  from: 'FROM users person',
})

/** The events with which somebody does something of their own, beyond getting in. */
const OWN_ACTS = `('post.created', 'comment.added', 'reaction.added', 'conversation.started', 'preferences.updated', 'profile.updated', 'attributes.updated')`

const WITHIN_A_WEEK = `occurred_at >= person.created_at AND occurred_at < person.created_at + interval '7 days' AND impersonator_id IS NULL`

const ACTIVATIONS = defineFacts({
  name: 'activations',
  sources: ['users', 'audit_events'],
  at: 'person.created_at',
  person: 'person.id',
  from: `FROM users person
    WHERE EXISTS (SELECT FROM audit_events WHERE actor_id = person.id AND action = 'session.started' AND ${WITHIN_A_WEEK})
      AND EXISTS (SELECT FROM audit_events WHERE actor_id = person.id AND action IN ${OWN_ACTS} AND ${WITHIN_A_WEEK})`,
  touched: `SELECT id AS person_id FROM users WHERE created_at >= slot.at AND created_at < slot.at + interval '15 minutes'
    UNION SELECT actor_id FROM audit_events
    WHERE occurred_at >= slot.at AND occurred_at < slot.at + interval '15 minutes' AND actor_id IS NOT NULL
      AND (action = 'session.started' OR action IN ${OWN_ACTS})`,
})

/** Whose an event of activity is: also what somebody did before they signed in is theirs. */
const VISITED = `FROM activity_events event LEFT JOIN activity_links link ON link.id = event.anonymous_id`

const ACTIVITY = defineFacts({
  name: 'activity',
  sources: ['audit_events', 'activity_events'],
  at: 'occurred_at',
  person: 'actor_id',
  from: `FROM audit_events WHERE actor_id IS NOT NULL AND impersonator_id IS NULL AND outcome = 'success'`,
  besides: [
    {
      at: 'event.occurred_at',
      person: 'coalesce(event.person_id, link.person_id)',
      from: (within) =>
        `${VISITED} WHERE (event.person_id IS NOT NULL OR link.person_id IS NOT NULL) AND ${within('event.id')}`,
    },
  ],
  keptFor: '30 days',
})

const EVENTS = defineFacts({
  name: 'events',
  sources: ['activity_events'],
  groups: { KIND: 'event.kind', NAME: 'event.name', DEVICE: `coalesce(event.device_class, 'other')` },
  at: 'event.occurred_at',
  // A visitor whom nobody knows is somebody all the same.
  person: 'coalesce(event.person_id, link.person_id, event.anonymous_id)',
  from: (within) => `${VISITED} WHERE ${within('event.id')}`,
  keptFor: '30 days',
})

const SIGN_INS = defineFacts({
  name: 'sign-ins',
  sources: ['audit_events'],
  groups: {
    METHOD: `coalesce((SELECT string_agg(method, '+') FROM jsonb_array_elements_text(details -> 'methods') method), 'unknown')`,
  },
  at: 'occurred_at',
  person: 'actor_id',
  from: `FROM audit_events WHERE action = 'session.started' AND impersonator_id IS NULL`,
  keptFor: '6 years',
})

const SIGN_IN_FAILURES = defineFacts({
  name: 'sign-in-failures',
  sources: ['audit_events'],
  groups: {
    CAUSE: `CASE action WHEN 'session.sign-in-failed' THEN 'login-or-password' WHEN 'session.proof-failed' THEN 'second-proof'
      ELSE 'identity-provider' END`,
  },
  at: 'occurred_at',
  person: 'subject_id',
  from: `FROM audit_events WHERE action IN ('session.sign-in-failed', 'session.proof-failed', 'identity.refused')`,
  keptFor: '6 years',
})

const SESSIONS = defineFacts({
  name: 'sessions',
  sources: ['sessions'],
  groups: {
    // Names of devices may be words of people; what they run on is one of a few.
    DEVICE: `coalesce(substring(device_name FROM '(iPhone|iPad|Android|Windows|macOS|Linux|Chrome ?OS)'), 'other')`,
  },
  at: 'created_at',
  person: 'user_id',
  value: 'round(extract(epoch FROM last_seen_at - created_at))',
  from: 'FROM sessions WHERE impersonator_id IS NULL',
  keptFor: '90 days',
})

const POSTS = defineFacts({
  name: 'posts',
  sources: ['posts'],
  groups: { LANGUAGE: 'language', VISIBILITY: 'visibility' },
  at: 'published_at',
  person: 'author_id',
  from: 'FROM posts WHERE published_at IS NOT NULL AND deleted_at IS NULL',
})

const COMMENTS = defineFacts({
  name: 'comments',
  sources: ['comments'],
  at: 'created_at',
  person: 'author_id',
  from: 'FROM comments WHERE deleted_at IS NULL',
})

const REPORTS = defineFacts({
  name: 'reports',
  sources: ['reports'],
  groups: { REASON: 'reason' },
  at: 'created_at',
  person: 'reporter_id',
  from: 'FROM reports',
  keptFor: '2 years',
})

const DECISIONS = defineFacts({
  name: 'decisions',
  sources: ['moderation_decisions'],
  groups: { MEASURE: 'action' },
  at: 'decided_at',
  person: 'user_id',
  from: 'FROM moderation_decisions',
  keptFor: '2 years',
})

const DECIDED_CASES = defineFacts({
  name: 'decided-cases',
  sources: ['moderation_cases'],
  groups: { OUTCOME: 'status' },
  at: 'decided_at',
  person: 'author_id',
  value: 'round(extract(epoch FROM decided_at - opened_at))',
  from: 'FROM moderation_cases WHERE decided_at IS NOT NULL',
  keptFor: '2 years',
})

const DELIVERIES = defineFacts({
  name: 'deliveries',
  sources: ['deliveries'],
  groups: { STATE: 'status', CHANNEL: 'channel' },
  at: 'created_at',
  person: 'user_id',
  from: 'FROM deliveries WHERE NOT is_decoy',
  keptFor: '30 days',
})

const TICKETS = defineFacts({
  name: 'tickets',
  sources: ['tickets'],
  groups: { CATEGORY: 'category' },
  at: 'opened_at',
  person: 'user_id',
  from: 'FROM tickets',
  keptFor: '2 years',
})

const TICKET_ANSWERS = defineFacts({
  ...TICKETS,
  name: 'ticket-answers',
  at: 'first_responded_at',
  value: 'first_response_seconds',
  // Who of the staff began to talk was not waited for.
  from: 'FROM tickets WHERE first_responded_at IS NOT NULL AND first_response_seconds IS NOT NULL AND opened_by_id IS NULL',
})

const TICKET_SOLUTIONS = defineFacts({
  ...TICKETS,
  name: 'ticket-solutions',
  at: 'solved_at',
  value: 'resolution_seconds',
  from: 'FROM tickets WHERE solved_at IS NOT NULL AND resolution_seconds IS NOT NULL AND merged_into_id IS NULL',
})

/** Every set of facts. */
export const FACTS = {
  SIGN_UPS,
  ACTIVATIONS,
  ACTIVITY,
  EVENTS,
  SIGN_INS,
  SIGN_IN_FAILURES,
  SESSIONS,
  POSTS,
  COMMENTS,
  REPORTS,
  DECISIONS,
  DECIDED_CASES,
  DELIVERIES,
  TICKETS,
  TICKET_ANSWERS,
  TICKET_SOLUTIONS,
} as const satisfies Record<string, FactSet>

export const FACT_SETS: readonly FactSet[] = Object.values(FACTS)

/** Those that say since when people are here, and which are kept as long as they are. */
export const LASTING_FACTS: readonly FactSet[] = [SIGN_UPS, ACTIVATIONS]
