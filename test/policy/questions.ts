import { setTimeout as sleep } from 'node:timers/promises'
import {
  getNamedType,
  isLeafType,
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { SECOND } from '../../src/core/clock'
import { idOf, toGlobalId } from '../../src/core/id'
import { toCursor } from '../../src/core/page'
import { AuditEventRepository } from '../../src/modules/audit/audit-event.repository'
import { AuditService } from '../../src/modules/audit/audit.service'
import { threadTopic } from '../../src/modules/comment/thread-event'
import { conversationsTopic } from '../../src/modules/conversation/happening'
import { inboxTopic } from '../../src/modules/notification/notifications-changed'
import { QUEUE } from '../../src/modules/moderation-case/queue-event'
import { TICKET_QUEUE, ticketsTopic } from '../../src/modules/ticket/ticket-event'
import { listOf, preferencesTopic } from '../../src/modules/preference/preferences-changed'
import type { ApiError, ApiResponse } from '../support/api-client'
import type { Person, World } from '../support/world'
import {
  ASKS_FOR_FRESH_PROOF,
  CASES,
  DATA_OF,
  DONE_AS_SOMEBODY_ELSE,
  expectationOf,
  LISTS,
  MUTATIONS,
  NOTED_AS,
  OPENED_BY,
  QUERIES,
  QUERY_CASES,
  READERS,
  readersOf,
  SUBSCRIPTIONS,
  TYPES,
  WRAPPERS,
  type Opening,
  type Reader,
} from './expectations'
import {
  at,
  queries,
  refusalOf,
  selectAll,
  selectOn,
  typeOf,
  type Holding,
  type Scene,
  type Speaker,
  type Stage,
} from './stage'

/*
 * What the matrix asks, and what is wrong with an answer. The matrix puts these questions to the running API; the
 * mutation test puts the same ones to a policy in which one rule is wrong, and wants something to be wrong with an answer.
 */

/** What subscriptions alone answer with, by its type. */
export const EVENTS: Record<string, string> = {
  SessionChange: 'viewerSessionsChanged',
  ThreadEvent: 'threadChanged',
  ConversationEvent: 'viewerConversationsChanged',
  InboxEvent: 'viewerNotificationsChanged',
  PreferencesEvent: 'viewerPreferencesChanged',
  ModerationQueueEvent: 'moderationQueueChanged',
  TicketEvent: 'viewerTicketsChanged',
  TicketQueueEvent: 'ticketQueueChanged',
  AuditTailEvent: 'auditEventsRecorded',
}

/** What rows are asked about, as matrix and mutation test do it; the rest comes with a mutation of its own. */
export const ROWS = [...Object.keys(TYPES), ...Object.keys(CASES)].filter((name) => !(name in EVENTS))

/** Somebody who asks: a reader, or the holder of a single permission, or of all the others. */
interface Asker {
  name: string
  /** Whether something is open to them, by whom it is open to and what opens it besides. */
  may: (readers: readonly Reader[], opening: Opening | undefined) => boolean
  reader: Reader | null
  person: () => Promise<Person | null>
  speak: () => Promise<Speaker>
}

interface Node {
  id: string
}

/** One question about a field, and all that is wrong with the answer. */
export interface Question {
  asker: string
  faults: () => Promise<string[]>
}

const HOLDINGS: readonly Holding[] = ['alone', 'all but it', 'over the group', 'over another group']

/** Whether holding a permission so opens what it opens. */
const OPENS: Record<Holding, (opening: Opening) => boolean> = {
  alone: () => true,
  'all but it': () => false,
  'over the group': (opening) => opening.over !== 'everybody',
  'over another group': (opening) => opening.over === 'anybody',
}

/** Whom it shows of the subject and the other person. */
const SHOWS: Record<Holding, readonly ('subject' | 'other')[]> = {
  alone: ['subject', 'other'],
  'all but it': [],
  'over the group': ['subject'],
  'over another group': ['other'],
}

/** What the policy says when it refuses; the services have words of their own. */
const POLICYS_WORDS = /^(Sign in to see this\.|You may not see or do this\.)/

const told = ({ message, extensions }: ApiError): string =>
  `${extensions.code}${POLICYS_WORDS.test(message) ? ' by the policy' : ''}`

const byPolicy = (reader: Reader | null): string =>
  `${reader === null ? 'FORBIDDEN' : refusalOf(reader)} by the policy`

const differ = (asker: Asker, what: string, expected: unknown, found: unknown): string[] =>
  JSON.stringify(expected) === JSON.stringify(found)
    ? []
    : [`${what} as ${asker.name}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`]

/** The questions in a scene, which need not be set before they are asked. */
export function questioner(world: World, stage: Stage, sceneOf: () => Scene) {
  const {
    as,
    onOwnSession,
    onImpersonation,
    onStaleSession,
    anotherSession,
    actor,
    holderOf,
    speakerOf,
    reach,
    lists,
    inputs,
  } = stage

  const reader = (name: Reader): Asker => ({
    name,
    may: (readers) => readers.includes(name),
    reader: name,
    person: async () => (name === 'anonymous' ? null : actor(sceneOf(), name)),
    speak: () => as(name, sceneOf()),
  })

  const holder = (opening: Opening, holding: Holding): Asker => {
    const { permission } = opening
    const person = () => holderOf(permission, holding, sceneOf())
    return {
      name:
        holding === 'all but it'
          ? `a holder of all but ${permission}`
          : `a holder of ${permission} ${holding}`,
      // For the rest they are as the other person is.
      may: (readers, by) =>
        readers.includes('other') ||
        (by !== undefined && (by.permission === permission ? OPENS[holding](by) : holding === 'all but it')),
      reader: null,
      person,
      speak: async () => {
        await as('self', sceneOf())
        return speakerOf((await person()).token)
      },
    }
  }

  // ── Rows and their fields ──

  /** A row of the subject's: whether it is there, which of its fields are, and what is noted of it. */
  async function faultsOfRow(subject: string, asker: Asker, only?: string): Promise<string[]> {
    const { rows } = expectationOf(subject)
    const fields = only === undefined ? expectedFieldsOf(subject) : [only]
    const speaker = await asker.speak()
    const { query, variables, path } = await reach[subject]!(sceneOf(), await asker.person())
    const response = await speaker.send(only === undefined ? query : narrowed(query, path, only), variables)
    const { data, errors = [] } = response
    const row = at(data, path) ?? null
    const isVisible = asker.may(rows, OPENED_BY[subject])
    if (!isVisible || row === null) return differ(asker, `${subject} exists`, isVisible, row !== null)
    const may = (field: string) =>
      asker.may(readersOf(subject, field), OPENED_BY[`${subject}.${field}`] ?? OPENED_BY[subject])
    const refused = new Map(errors.map((error) => [String(error.path?.[path.length]), told(error)]))
    return [
      ...fields.flatMap((field) => {
        const expected = may(field) ? undefined : byPolicy(asker.reader)
        const { [field]: value } = row as Record<string, unknown>
        return [
          ...differ(asker, `${subject}.${field} refused`, expected, refused.get(field)),
          ...(expected === undefined ? [] : differ(asker, `${subject}.${field}`, null, value)),
        ]
      }),
      ...differ(
        asker,
        `${subject} otherwise refused`,
        [],
        [...refused.keys()].filter((field) => !fields.includes(field)),
      ),
      ...(await faultsOfNotes(subject, asker, fields.filter(may), response)),
    ]
  }

  /** That others have read somebody's data is noted for them; what they read of their own, or what is open to all, is not. */
  async function faultsOfNotes(
    subject: string,
    asker: Asker,
    seen: readonly string[],
    { headers }: ApiResponse<unknown>,
  ): Promise<string[]> {
    if (DATA_OF[subject] === undefined) return []
    const records = await world.db.query<{ fields: string[] }>(
      'SELECT fields FROM access_records WHERE request_id = $1',
      [headers.get('x-request-id')],
    )
    const noted = new Set(records.flatMap(({ fields }) => fields))
    const { type } = expectationOf(subject)
    const isNotable = (field: string) =>
      readersOf(subject, field).length < READERS.length &&
      (DATA_OF[`${subject}.${field}`] ?? DATA_OF[subject]) !== asker.reader
    return type === 'User'
      ? seen.flatMap((field) =>
          differ(asker, `${subject}.${field} noted`, isNotable(field), noted.has(field)),
        )
      : differ(asker, `${subject} noted`, seen.some(isNotable), noted.has(NOTED_AS[type] ?? type))
  }

  /** Whom a list holds. */
  async function faultsOfList(
    name: string,
    asker: Asker,
    expected: readonly ('subject' | 'other')[] = [],
  ): Promise<string[]> {
    const { query, path, person, counts = () => true } = await lists[name]!(sceneOf(), await asker.person())
    const { data } = await (await asker.speak()).send(query)
    const { edges = [] } = (at(data, path) ?? {}) as { edges?: { node: Node & Record<string, Node> }[] }
    const counted = edges.filter(({ node }) => counts(node))
    const found = new Set(counted.map(({ node }) => (person === null ? node : node[person]!).id))
    const there = (['subject', 'other'] as const).filter((each) => found.has(sceneOf()[each].globalId))
    return differ(asker, `${name} holds`, expected, there)
  }

  // ── The root ──

  /** A query, or a case of one. */
  async function faultsOfQuery(name: string, asker: Asker): Promise<string[]> {
    const speaker = await asker.speak()
    const { data, errors = [] } = await speaker.send(widened(queries[name]!(sceneOf())))
    const special = QUERY_CASES[name]
    const field = special?.query ?? name
    const isOpen = special
      ? asker.may(special.may, { permission: special.permission, over: 'anybody' })
      : asker.may(QUERIES[field]!, OPENED_BY[`Query.${field}`])
    return [
      ...differ(asker, `Query.${name}`, isOpen ? [] : [byPolicy(asker.reader)], errors.map(told)),
      ...(isOpen ? [] : differ(asker, `Query.${name}`, { [field]: null }, data)),
    ]
  }

  async function outcomeOf(field: string, speaker: Speaker, input: object | null): Promise<string[]> {
    const inputType = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
    const selection = selectOn(getNamedType(typeOf('Mutation').getFields()[field]!.type))
    const { data, errors = [] } = input
      ? await speaker.send(`mutation ($input: ${inputType}!) { ${field}(input: $input) ${selection} }`, {
          input,
        })
      : await speaker.send(`mutation { ${field} ${selection} }`)
    const problems = (data?.[field]?.userErrors ?? []) as { code: string }[]
    return [...errors.map(told), ...problems.map(({ code }) => code)]
  }

  async function faultsOfMutation(field: string, asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    await as('self', scene)
    const input = await inputs[field]!(scene, asker)
    const outcome = await outcomeOf(field, await onOwnSession(asker, scene), input)
    const { may, otherwise, notTo = [], hiddenFrom = [], forPrograms = false } = MUTATIONS[field]!
    const isForeign =
      refusalOf(asker) === 'UNAUTHENTICATED' ||
      asker === 'impersonator' ||
      (asker === 'program' && !forPrograms)
    const byService = hiddenFrom.includes(asker)
      ? 'NOT_FOUND'
      : (otherwise ?? (notTo.includes(asker) ? 'FORBIDDEN' : undefined))
    const refusal = isForeign || byService === undefined ? byPolicy(asker) : byService
    return differ(reader(asker), `Mutation.${field}`, may.includes(asker) ? [] : [refusal], outcome)
  }

  /** Whom the policy lets through may still be refused, by the service, because of whom it is about. */
  async function faultsOfOpening(field: string, opening: Opening, holding: Holding): Promise<string[]> {
    const asker = holder(opening, holding)
    const speaker = await asker.speak()
    const outcome = await outcomeOf(field, speaker, await inputs[field]!(sceneOf(), 'admin'))
    const isOpen = asker.may([], opening)
    const expected = isOpen
      ? holding === 'alone' && !MUTATIONS[field]!.hiddenFrom
        ? []
        : outcome.filter((code) => !code.endsWith(' by the policy'))
      : [byPolicy(null)]
    return differ(asker, `Mutation.${field}`, expected, outcome)
  }

  async function faultsWithoutFreshProof(field: string): Promise<string[]> {
    const scene = sceneOf()
    const asker = MUTATIONS[field]!.may.includes('self') ? 'self' : 'admin'
    const input = await inputs[field]!(scene, asker)
    const outcome = await outcomeOf(field, await onStaleSession(asker, scene), input)
    const expected = ASKS_FOR_FRESH_PROOF.includes(field) ? ['REAUTHENTICATION_REQUIRED'] : []
    return differ(
      { ...reader(asker), name: `${asker} without a fresh proof` },
      `Mutation.${field}`,
      expected,
      outcome,
    )
  }

  async function faultsAsSomebodyElse(field: string): Promise<string[]> {
    const scene = sceneOf()
    const input = await inputs[field]!(scene, 'self')
    const outcome = await outcomeOf(field, await onImpersonation(scene), input)
    const expected = DONE_AS_SOMEBODY_ELSE.includes(field) ? [] : ['FORBIDDEN by the policy']
    return differ(
      { ...reader('impersonator'), name: 'an impersonator who may change things' },
      `Mutation.${field}`,
      expected,
      outcome,
    )
  }

  async function faultsOfBulkJob(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const events = speaker.subscribe(
      `subscription { bulkJobChanged(id: "${scene.bulkJobId}") { ${selectAll('BulkJob')} } }`,
    )
    const outcome = await events.next().then(({ value }) => ((value?.errors ?? []) as ApiError[]).map(told))
    await events.return?.()
    const isShown = SUBSCRIPTIONS.bulkJobChanged!.includes(asker)
    const hidden = QUERIES.bulkJob!.includes(asker) ? 'NOT_FOUND' : byPolicy(asker)
    return differ(reader(asker), 'Subscription.bulkJobChanged', isShown ? [] : [hidden], outcome)
  }

  /** From the beginning, so that there is something to tell. */
  async function faultsOfThread(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const { draft } = scene
    const beginning = toCursor(`stream:${threadTopic(draft.id)}`, [0])
    const events = speaker.subscribe(
      `subscription { threadChanged(postId: "${draft.globalId}", after: "${beginning}") { ${selectAll('ThreadEvent')} } }`,
    )
    const { value } = await events.next()
    await events.return?.()
    const isShown = SUBSCRIPTIONS.threadChanged!.includes(asker)
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return [
      ...differ(reader(asker), 'Subscription.threadChanged', isShown ? [] : ['NOT_FOUND'], outcome),
      ...(isShown
        ? differ(reader(asker), 'ThreadEvent.kind', 'COMMENT_ADDED', value?.data?.threadChanged?.kind)
        : []),
    ]
  }

  async function faultsOfConversations(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const isOpen = SUBSCRIPTIONS.viewerConversationsChanged!.includes(asker)
    const { id } = actor(scene, asker)
    // The subject alone has something that is kept to be told.
    const isTold = isOpen && id === scene.subject.id
    const after = isTold ? `(after: "${toCursor(`stream:${conversationsTopic(id)}`, [0])}")` : ''
    const events = speaker.subscribe(
      `subscription { viewerConversationsChanged${after} { ${selectAll('ConversationEvent')} } }`,
    )
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return [
      ...differ(
        reader(asker),
        'Subscription.viewerConversationsChanged',
        isOpen ? [] : [byPolicy(asker)],
        outcome,
      ),
      ...(isTold
        ? differ(
            reader(asker),
            'ConversationEvent.kind',
            'STARTED',
            value?.data?.viewerConversationsChanged?.kind,
          )
        : []),
    ]
  }

  async function faultsOfInbox(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const isOpen = SUBSCRIPTIONS.viewerNotificationsChanged!.includes(asker)
    const { id } = actor(scene, asker)
    // The subject alone has something that is kept to be told.
    const isTold = isOpen && id === scene.subject.id
    const after = isTold ? `(after: "${toCursor(`stream:${inboxTopic(id)}`, [0])}")` : ''
    const events = speaker.subscribe(
      `subscription { viewerNotificationsChanged${after} { ${selectAll('InboxEvent')} } }`,
    )
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    const kind = value?.data?.viewerNotificationsChanged?.kind
    return [
      ...differ(
        reader(asker),
        'Subscription.viewerNotificationsChanged',
        isOpen ? [] : [byPolicy(asker)],
        outcome,
      ),
      ...(isTold ? differ(reader(asker), 'InboxEvent.kind', 'NOTIFIED', kind) : []),
    ]
  }

  /** From before anything was known of their groups, so that there is something to tell. */
  async function faultsOfPreferences(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const isOpen = SUBSCRIPTIONS.viewerPreferencesChanged!.includes(asker)
    const { id } = actor(scene, asker)
    const beginning = toCursor(`stream:${preferencesTopic(id)}`, [0])
    const events = speaker.subscribe(
      `subscription { viewerPreferencesChanged(after: "${toCursor(listOf(id), [beginning, ''])}") { ${selectAll('PreferencesEvent')} } }`,
    )
    const value = await firstOf(events, { isOpen, isTold: isOpen })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return [
      ...differ(
        reader(asker),
        'Subscription.viewerPreferencesChanged',
        isOpen ? [] : [byPolicy(asker)],
        outcome,
      ),
      ...(isOpen
        ? differ(
            reader(asker),
            'PreferencesEvent.preferences',
            'language',
            value?.data?.viewerPreferencesChanged?.preferences[0].key,
          )
        : []),
    ]
  }

  /** From where the case about the subject was reported. */
  async function faultsOfQueue(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const [reported] = await world.db.query<{ number: string }>(
      `SELECT number FROM stream_events WHERE topic = '${QUEUE}' AND event ->> 'caseId' = $1 ORDER BY number LIMIT 1`,
      [idOf('moderation_case', scene.caseId)],
    )
    const after = toCursor(`stream:${QUEUE}`, [Number(reported!.number) - 1])
    const events = speaker.subscribe(
      `subscription { moderationQueueChanged(after: "${after}") { cursor kind moderationCase { id } } }`,
    )
    const isOpen = SUBSCRIPTIONS.moderationQueueChanged!.includes(asker)
    const isTold = TYPES.ModerationQueueEvent!.rows.includes(asker)
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    const event = value?.data?.moderationQueueChanged
    return [
      ...differ(
        reader(asker),
        'Subscription.moderationQueueChanged',
        isOpen ? [] : [byPolicy(asker)],
        outcome,
      ),
      ...differ(
        reader(asker),
        'ModerationQueueEvent.kind',
        isTold ? 'REPORTED' : undefined,
        event?.moderationCase?.id === scene.caseId ? event?.kind : undefined,
      ),
    ]
  }

  async function faultsOfTickets(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const isOpen = SUBSCRIPTIONS.viewerTicketsChanged!.includes(asker)
    const { id } = actor(scene, asker)
    // The subject alone has something that is kept to be told.
    const isTold = isOpen && id === scene.subject.id
    const after = isTold ? `(after: "${toCursor(`stream:${ticketsTopic(id)}`, [0])}")` : ''
    const events = speaker.subscribe(
      `subscription { viewerTicketsChanged${after} { ${selectAll('TicketEvent')} } }`,
    )
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return [
      ...differ(reader(asker), 'Subscription.viewerTicketsChanged', isOpen ? [] : [byPolicy(asker)], outcome),
      ...(isTold
        ? differ(reader(asker), 'TicketEvent.kind', 'OPENED', value?.data?.viewerTicketsChanged?.kind)
        : []),
    ]
  }

  /** From before what follows, which is about the subject. */
  async function faultsOfTail(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const { since, until, last, lastId } = await new AuditEventRepository(world.db).tailEnd()
    const after = toCursor('audit-tail', [since, until, last, lastId, world.clock.now().getTime()])
    const eventId = await new AuditService(world.db).record('mail.unsubscribed', {
      subjectId: scene.subject.id,
      details: { topic: 'news' },
    })
    const events = speaker.subscribe(
      `subscription { auditEventsRecorded(after: "${after}", filter: { actions: ["mail.unsubscribed"] }) { cursor auditEvent { id } } }`,
    )
    const isOpen = SUBSCRIPTIONS.auditEventsRecorded!.includes(asker)
    const isTold = TYPES.AuditTailEvent!.rows.includes(asker)
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return [
      ...differ(reader(asker), 'Subscription.auditEventsRecorded', isOpen ? [] : [byPolicy(asker)], outcome),
      ...differ(
        reader(asker),
        'AuditTailEvent.auditEvent',
        isTold ? toGlobalId('event', eventId) : undefined,
        value?.data?.auditEventsRecorded?.auditEvent?.id,
      ),
    ]
  }

  /** From where the subject has opened their ticket. */
  async function faultsOfTicketQueue(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const [opened] = await world.db.query<{ number: string }>(
      `SELECT number FROM stream_events WHERE topic = '${TICKET_QUEUE}' AND event ->> 'ticketId' = $1 ORDER BY number LIMIT 1`,
      [idOf('ticket', scene.ticketId)],
    )
    const after = toCursor(`stream:${TICKET_QUEUE}`, [Number(opened!.number) - 1])
    const events = speaker.subscribe(
      `subscription { ticketQueueChanged(after: "${after}") { cursor kind ticket { id } } }`,
    )
    const isOpen = SUBSCRIPTIONS.ticketQueueChanged!.includes(asker)
    const isTold = TYPES.TicketQueueEvent!.rows.includes(asker)
    const value = await firstOf(events, { isOpen, isTold })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    const event = value?.data?.ticketQueueChanged
    return [
      ...differ(reader(asker), 'Subscription.ticketQueueChanged', isOpen ? [] : [byPolicy(asker)], outcome),
      ...differ(
        reader(asker),
        'TicketQueueEvent.kind',
        isTold ? 'OPENED' : undefined,
        event?.ticket?.id === scene.ticketId ? event?.kind : undefined,
      ),
    ]
  }

  /** The first that a subscription tells. Whoever has nothing to be told hears of a refusal at once, or of nothing at all. */
  async function firstOf(
    events: ReturnType<Speaker['subscribe']>,
    { isOpen, isTold }: { isOpen: boolean; isTold: boolean },
  ) {
    const nothing = () => events.accepted ?? sleep(isOpen ? SECOND / 2 : 5 * SECOND, null, { ref: false })
    try {
      const first = events.next().then(({ value }) => value)
      return await Promise.race(isTold ? [first] : [first, nothing()])
    } finally {
      void events.return?.()
    }
  }

  async function faultsOfSessionChanges(asker: Reader): Promise<string[]> {
    const scene = sceneOf()
    const speaker = await as(asker, scene)
    const events = speaker.subscribe(
      `subscription { viewerSessionsChanged { ${selectAll('SessionChange')} } }`,
    )
    const isOpen = SUBSCRIPTIONS.viewerSessionsChanged!.includes(asker)
    // Until one is heard of, also by whoever should not be: the subscription may not have begun when the first starts.
    const starting =
      asker === 'anonymous' ? undefined : setInterval(() => void anotherSession(actor(scene, asker)), 100)
    try {
      const { value } = await events.next()
      const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
      return [
        ...differ(
          reader(asker),
          'Subscription.viewerSessionsChanged',
          isOpen ? [] : [byPolicy(asker)],
          outcome,
        ),
        ...(isOpen
          ? differ(reader(asker), 'SessionChange.kind', 'STARTED', value?.data?.viewerSessionsChanged?.kind)
          : []),
      ]
    } finally {
      clearInterval(starting)
      await events.return?.()
    }
  }

  const readers = (faults: (asker: Asker) => Promise<string[]>): Question[] =>
    READERS.map((name) => ({ asker: name, faults: () => faults(reader(name)) }))

  const holders = (opening: Opening | undefined, faults: (asker: Asker) => Promise<string[]>): Question[] =>
    (opening === undefined ? [] : HOLDINGS)
      .map((holding) => holder(opening!, holding))
      .map((asker) => ({ asker: asker.name, faults: () => faults(asker) }))

  /** About a row of a type, or a case of one: all of its fields at once, or one alone. */
  function aboutRow(subject: string, only?: string): Question[] {
    const faults = (asker: Asker) => faultsOfRow(subject, asker, only)
    const fields = only === undefined ? expectedFieldsOf(subject) : [only]
    const openings = [subject, ...fields.map((field) => `${subject}.${field}`)].flatMap(
      (name) => OPENED_BY[name] ?? [],
    )
    const distinct = new Map(openings.map((opening) => [opening.permission, opening]))
    return [...[...distinct.values()].flatMap((opening) => holders(opening, faults)), ...readers(faults)]
  }

  function aboutList(name: string): Question[] {
    const { permission, holds } = LISTS[name]!
    return [
      ...HOLDINGS.map((holding) => {
        const asker = holder({ permission, over: 'anybody' }, holding)
        return { asker: asker.name, faults: () => faultsOfList(name, asker, SHOWS[holding]) }
      }),
      ...READERS.map((each) => ({
        asker: each,
        faults: () => faultsOfList(name, reader(each), holds[each]),
      })),
    ]
  }

  const aboutQuery = (field: string): Question[] => {
    const faults = (asker: Asker) => faultsOfQuery(field, asker)
    const cases = Object.entries(QUERY_CASES).filter(([, { query }]) => query === field)
    return [
      ...holders(OPENED_BY[`Query.${field}`], faults),
      ...readers(faults),
      ...cases.flatMap(([name, { permission }]) => {
        // Whoever holds it alone may not ask the query at all.
        const allBut = holder({ permission, over: 'anybody' }, 'all but it')
        const ofCase = (asker: Asker) => faultsOfQuery(name, asker)
        return [
          { asker: `${allBut.name}, ${name}`, faults: () => ofCase(allBut) },
          ...readers(ofCase).map(({ asker, faults: found }) => ({
            asker: `${asker}, ${name}`,
            faults: found,
          })),
        ]
      }),
    ]
  }

  function aboutMutation(field: string): Question[] {
    const opening = OPENED_BY[`Mutation.${field}`]
    return [
      ...(MUTATIONS[field]!.may.includes('anonymous') ||
      !MUTATIONS[field]!.may.some((name) => name === 'self' || name === 'admin')
        ? []
        : [{ asker: 'somebody without a fresh proof', faults: () => faultsWithoutFreshProof(field) }]),
      ...(MUTATIONS[field]!.may.includes('anonymous')
        ? []
        : [{ asker: 'an impersonator who may change things', faults: () => faultsAsSomebodyElse(field) }]),
      ...(opening === undefined ? [] : HOLDINGS).map((holding) => ({
        asker: holder(opening!, holding).name,
        faults: () => faultsOfOpening(field, opening!, holding),
      })),
      ...READERS.map((name) => ({ asker: name, faults: () => faultsOfMutation(field, name) })),
    ]
  }

  const SUBSCRIBED: Record<string, (asker: Reader) => Promise<string[]>> = {
    viewerSessionsChanged: faultsOfSessionChanges,
    bulkJobChanged: faultsOfBulkJob,
    threadChanged: faultsOfThread,
    viewerConversationsChanged: faultsOfConversations,
    viewerNotificationsChanged: faultsOfInbox,
    viewerPreferencesChanged: faultsOfPreferences,
    moderationQueueChanged: faultsOfQueue,
    auditEventsRecorded: faultsOfTail,
    viewerTicketsChanged: faultsOfTickets,
    ticketQueueChanged: faultsOfTicketQueue,
  }

  /** Whether somebody who holds a permission, or all others, may subscribe at all. */
  async function faultsOfSubscribing(field: string, opening: Opening, holding: Holding): Promise<string[]> {
    const asker = holder(opening, holding)
    const speaker = await asker.speak()
    const isOpen = asker.may([], opening)
    const value = await firstOf(speaker.subscribe(`subscription { ${field} { cursor } }`), {
      isOpen,
      isTold: false,
    })
    const outcome = ((value?.errors ?? []) as ApiError[]).map(told)
    return differ(asker, `Subscription.${field}`, isOpen ? [] : [byPolicy(null)], outcome)
  }

  function aboutSubscription(field: string): Question[] {
    const opening = OPENED_BY[`Subscription.${field}`]
    return [
      ...(opening === undefined ? [] : HOLDINGS).map((holding) => ({
        asker: holder(opening!, holding).name,
        faults: () => faultsOfSubscribing(field, opening!, holding),
      })),
      ...READERS.map((name) => ({ asker: name, faults: () => SUBSCRIBED[field]!(name) })),
    ]
  }

  /** All that is asked of one field: by whatever leads to it, where it is a wrapper's. */
  function about(type: string, field: string): Question[] {
    if (type === 'Query') return aboutQuery(field)
    if (type === 'Mutation') return aboutMutation(field)
    if (type === 'Subscription') return aboutSubscription(field)
    if (type in EVENTS) return aboutSubscription(EVENTS[type]!)
    if (WRAPPERS.test(type)) return carriersOf(type).flatMap(([carrier, by]) => about(carrier, by))
    const cases = Object.keys(CASES).filter(
      (name) => CASES[name]!.type === type && field in CASES[name]!.fields,
    )
    return [type, ...cases].flatMap((subject) => aboutRow(subject, field))
  }

  return { aboutRow, aboutList, aboutQuery, aboutMutation, aboutSubscription, about }
}

const expectedFieldsOf = (subject: string): string[] => Object.keys(expectationOf(subject).fields)

/** The fields whose questions select a wrapper. */
const carriersOf = (wrapper: string): [type: string, field: string][] =>
  ['Query', 'Mutation', ...Object.keys(TYPES)].flatMap((type) =>
    Object.values(typeOf(type).getFields())
      .filter((field) => wrappersIn(getNamedType(field.type)).includes(wrapper))
      .map((field): [string, string] => [type, field.name]),
  )

const wrappersIn = (type: GraphQLNamedType): string[] =>
  WRAPPERS.test(type.name)
    ? [
        type.name,
        ...Object.values((type as GraphQLObjectType).getFields()).flatMap((field) =>
          wrappersIn(getNamedType(field.type)),
        ),
      ]
    : []

const operationIn = (document: DocumentNode): OperationDefinitionNode =>
  document.definitions[0] as OperationDefinitionNode

/** A query that asks whatever its field leads to for enough to be answered. */
function widened(query: string): string {
  const operation = operationIn(parse(query))
  const [root] = operation.selectionSet.selections as [FieldNode]
  const { type } = typeOf('Query').getFields()[root.name.value]!
  if (isLeafType(getNamedType(type))) return query
  const { selectionSet } = operationIn(parse(selectOn(getNamedType(type))))
  return print({
    ...operation,
    selectionSet: { ...operation.selectionSet, selections: [{ ...root, selectionSet }] },
  })
}

/** A query that asks the object at a path for one field alone. */
function narrowed(query: string, path: readonly (string | number)[], field: string): string {
  const operation = operationIn(parse(query))
  let selections = fieldsIn(operation.selectionSet)
  for (const key of path.filter((step) => typeof step === 'string'))
    selections = fieldsIn(selections.find(({ name, alias = name }) => alias.value === key)!.selectionSet!)
  const wanted = selections.find(({ name }) => name.value === field)!
  return print(
    visit(operation, {
      SelectionSet: (set) => (set.selections.includes(wanted) ? { ...set, selections: [wanted] } : undefined),
    }),
  )
}

const fieldsIn = ({ selections }: SelectionSetNode): FieldNode[] =>
  selections.flatMap((selection: SelectionNode) =>
    selection.kind === Kind.FIELD
      ? [selection]
      : selection.kind === Kind.INLINE_FRAGMENT
        ? fieldsIn(selection.selectionSet)
        : [],
  )
