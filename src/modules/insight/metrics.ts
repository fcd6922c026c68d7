import { FACTS } from './facts'
import { defineMetric, type Measure, type Metric } from './metric'
import type { FactSet } from './fact-set'

/** Every figure there is: what it tells, of which facts, and what is made of them. */
const DEFINITIONS: Record<string, [facts: FactSet, measure: Measure, description: string]> = {
  SIGN_UPS: [FACTS.SIGN_UPS, 'count', 'Accounts that were made.'],
  ACTIVATIONS: [
    FACTS.ACTIVATIONS,
    'count',
    'Of the people who signed up then, how many signed in and did something of their own within seven days: wrote, reacted, set preferences or filled in their profile.',
  ],
  PEOPLE: [FACTS.SIGN_UPS, 'running', 'Accounts there are at the end, by what their owners prefer now.'],
  ACTIVE_PEOPLE: [
    FACTS.ACTIVITY,
    'people',
    'People who did something, each once: DAU, WAU and MAU by day, week and month.',
  ],
  STICKINESS: [
    FACTS.ACTIVITY,
    'stickiness',
    'How many people are there on an average day of a week or month, as a part of all who are there in it.',
  ],
  EVENTS: [FACTS.EVENTS, 'count', 'What people and visitors did, as clients tell it and the server sees it.'],
  VISITORS: [
    FACTS.EVENTS,
    'people',
    'People and unknown visitors who did something, each once; who signs in later is one with who they were before.',
  ],
  SIGN_INS: [FACTS.SIGN_INS, 'count', 'Sign-ins.'],
  SIGN_IN_FAILURES: [FACTS.SIGN_IN_FAILURES, 'count', 'Sign-ins that failed, by the cause.'],
  SESSIONS: [FACTS.SESSIONS, 'count', 'Sessions that began.'],
  SESSION_LENGTH: [
    FACTS.SESSIONS,
    'mean',
    'How long sessions last that began then, from the sign-in until they were last used.',
  ],
  POSTS: [FACTS.POSTS, 'count', 'Posts that were published, but those in the trash.'],
  COMMENTS: [FACTS.COMMENTS, 'count', 'Comments that were written, but those that were deleted.'],
  REPORTS: [FACTS.REPORTS, 'count', 'Reports of what others have written.'],
  DECISIONS: [FACTS.DECISIONS, 'count', 'Decisions of moderation against somebody.'],
  TIME_TO_DECISION: [
    FACTS.DECIDED_CASES,
    'mean',
    'How long cases of moderation were open that were decided then.',
  ],
  DELIVERIES: [FACTS.DELIVERIES, 'count', 'Mails and text messages, by what became of them.'],
  TICKETS: [FACTS.TICKETS, 'count', 'Tickets that were opened.'],
  TICKET_FIRST_ANSWER: [
    FACTS.TICKET_ANSWERS,
    'mean',
    'How long people waited for the first answer to a ticket that was given then.',
  ],
  TICKET_SOLVING: [FACTS.TICKET_SOLUTIONS, 'mean', 'How long tickets took that were solved then.'],
}

export const METRICS: ReadonlyMap<string, Metric> = new Map(
  Object.entries(DEFINITIONS).map(([name, [facts, measure, description]]) => [
    name,
    defineMetric({ name, facts, measure, description }),
  ]),
)
