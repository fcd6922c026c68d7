import { idOf, type Id } from '../../src/core/id'
import { addTicketNote, answerTicket } from '../../src/modules/ticket/answer-ticket'
import { openTicket } from '../../src/modules/ticket/open-ticket'
import { TicketCategory, TicketStatus } from '../../src/modules/ticket/ticket-status'
import { toGlobalId } from '../../src/core/id'
import { unique, type Person, type World } from './world'

/** What a test sets up is no burst of anybody's. */
export async function forgetThrottles(world: World, { id }: Pick<Person, 'id'>): Promise<void> {
  const keys = ['ticket', 'writing'].map((counted) =>
    world.db.tools.keyring.blindIndex('throttles.key', `${counted}:${id}`),
  )
  await world.db.query('DELETE FROM throttles WHERE key = ANY($1)', [keys])
}

/** Somebody opens a ticket; its global id. */
export async function ticketOf(
  world: World,
  person: Person,
  { subject = unique('Subject '), body = unique('Body '), category = TicketCategory.OTHER } = {},
): Promise<string> {
  const { id } = await openTicket(await world.asViewer(person), { subject, body, category })
  await forgetThrottles(world, person)
  return toGlobalId('ticket', id)
}

const idOfTicket = (ticketId: string): Id => idOf('ticket', ticketId)!

/** Somebody of the staff notes something in a ticket; the global id of the note. */
export async function noteIn(
  world: World,
  ticketId: string,
  by: Person,
  body = unique('Note '),
): Promise<string> {
  const { id } = await addTicketNote(await world.asViewer(by), { ticketId: idOfTicket(ticketId), body })
  await forgetThrottles(world, by)
  return toGlobalId('ticket_note', id)
}

/** Somebody of the staff answers in a ticket; the global id of the message. */
export async function answerIn(
  world: World,
  ticketId: string,
  by: Person,
  { body = unique('Answer '), status = TicketStatus.PENDING } = {},
): Promise<string> {
  const { message } = await answerTicket(await world.asViewer(by), {
    ticketId: idOfTicket(ticketId),
    body,
    status,
  })
  await forgetThrottles(world, by)
  return toGlobalId('ticket_message', message.id)
}

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

/** What a mutation about tickets answers; `select` says of what. */
export async function act(
  { api }: Pick<Person, 'api'>,
  field: string,
  input: object,
  select = 'ticket { id }',
): Promise<any> {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`
  const answer = await api.data(
    `mutation ($input: ${type}!) { ${field}(input: $input) { ${select} userErrors { code field message } } }`,
    { input },
  )
  return answer[field]
}
