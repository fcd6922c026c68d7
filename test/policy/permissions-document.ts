import { MUTATIONS, QUERIES, READERS, readersOf, SUBSCRIPTIONS, TYPES, type Reader } from './expectations'

/** `schema/permissions.md`: the expectations as tables, for people. */
export function permissionsDocument(): string {
  return [
    '# Who may see and do what',
    '',
    'Printed from `test/policy/expectations.ts` by `npm run update`; `npm test` asks the running API for every cell.',
    'It is about a *subject*, a person with an account, and what is theirs: as nobody who is signed in, as the subject, as',
    'another person, as a manager of a group in which the subject is and of another one, as somebody with a role of one',
    "permission (`users:read`), as a manager, as an admin, as somebody whose grant has expired, as an admin's access token",
    'without a scope, as somebody with `users:impersonate` and `users:read` who acts as the subject, and as the subject after',
    'a suspension. Where somebody may not see a row at all, it answers as if it did not exist.',
    '',
    ...section('Query', Object.entries(QUERIES)),
    ...section(
      'Mutation',
      Object.entries(MUTATIONS).map(([name, { may }]) => [name, may]),
    ),
    ...section('Subscription', Object.entries(SUBSCRIPTIONS)),
    ...Object.entries(TYPES).flatMap(([type, { fields }]) =>
      section(
        type,
        Object.keys(fields).map((field) => [field, readersOf(type, field)]),
      ),
    ),
  ].join('\n')
}

function section(title: string, rows: [string, readonly Reader[]][]): string[] {
  return [
    `## ${title}`,
    '',
    `| field | ${READERS.join(' | ')} |`,
    `| --- |${' :-: |'.repeat(READERS.length)}`,
    ...rows.map(
      ([field, readers]) =>
        `| ${field} | ${READERS.map((reader) => (readers.includes(reader) ? '✓' : '')).join(' | ')} |`,
    ),
    '',
  ]
}
