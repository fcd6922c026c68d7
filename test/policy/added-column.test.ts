import { Column, getMetadataArgsStorage } from 'typeorm'
import { idOf } from '../../src/core/id'
import { classificationOf, Personal } from '../../src/core/personal-data'
import { dataMap } from '../../src/cli/data-map'
import { makeDataExport } from '../../src/modules/data-export/data-export.task'
import { eraseDue } from '../../src/modules/erasure/erasure.task'
import { User } from '../../src/modules/user/user.entity'
import { createLog } from '../../src/server/log'
import { unzip } from '../support/unzip'
import { columnsHolding } from '../support/database-bytes'
import { query } from '../support/describe-schema'
import { erasureOf } from '../support/privacy'
import { unique, World } from '../support/world'

/*
 * The promise of the classification: whoever adds a column says in one line what it is, and everything else follows. Two columns
 * are added to people here, one in clear and one encrypted, and no other line of code knows of them.
 */

const world = new World()
const { columns } = getMetadataArgsStorage()

const declare = (property: string, name: string, type: 'text' | 'bytea') =>
  Column(type, { name, nullable: true })(User.prototype, property)

beforeAll(async () => {
  declare('favouriteColour', 'favourite_colour', 'text')
})

afterAll(async () => {
  await world.stop()
  // Other tests share what this one has loaded.
  for (const property of ['favouriteColour', 'secretWish']) {
    const index = columns.findIndex(
      ({ target, propertyName }) => target === User && propertyName === property,
    )
    if (index >= 0) columns.splice(index, 1)
  }
})

test('a column that nobody has classified is noticed', () => {
  expect(classificationOf(User, 'favouriteColour')).toBeUndefined()
  expect(dataMap).toThrow(
    'The column users.favourite_colour is not classified: write @Personal or @NotPersonal on User.favouriteColour.',
  )
})

test('one that is classified is in the record of processing, exported, redacted and erased, with no other line of code', async () => {
  const wish = { retention: 'while the account exists', readers: ['self'], exported: true } as const
  Personal({ ...wish, category: 'identity', purpose: 'Painting the walls.', onErase: 'clear' })(
    User.prototype,
    'favouriteColour',
  )
  declare('secretWish', 'secret_wish', 'bytea')
  Personal({
    ...wish,
    category: 'content',
    purpose: 'Granting it.',
    onErase: 'shred',
    encrypted: true,
  })(User.prototype, 'secretWish')
  await world.start()
  await query(
    world.portico.config.databaseOwnerUrl!,
    'ALTER TABLE users ADD COLUMN favourite_colour text, ADD COLUMN secret_wish bytea',
  )
  const person = await world.person()
  const [colour, secret] = [unique('colour'), unique('secret')]
  const sealed = await world.db.codec.seal(User, 'secretWish', { id: person.id, ownerId: person.id }, secret)
  await world.db.query('UPDATE users SET favourite_colour = $2, secret_wish = $3 WHERE id = $1', [
    person.id,
    colour,
    sealed,
  ])

  const recorded = dataMap().personal.filter(({ column }) => /favourite_colour|secret_wish/.test(column))
  expect(recorded.map(({ column, purpose, encrypted }) => [column, purpose, encrypted])).toEqual([
    ['users.favourite_colour', 'Painting the walls.', false],
    ['users.secret_wish', 'Granting it.', true],
  ])

  const { requestDataExport } = await person.api.data('mutation { requestDataExport { dataExport { id } } }')
  const { id } = requestDataExport.dataExport
  await world.do(makeDataExport, { dataExportId: idOf('data_export', id)! })
  const { createDataExportLink } = await person.api.data(
    `mutation { createDataExportLink(input: { dataExportId: "${id}" }) { url } }`,
  )
  const file = await fetch(world.portico.url + new URL(createDataExportLink.url as string).pathname)
  const files = await unzip(Buffer.from(await file.arrayBuffer()))
  for (const name of ['data.json', 'index.html']) {
    expect(files[name]).toContain(colour)
    expect(files[name]).toContain(secret)
    expect(files[name]).toContain('Painting the walls.')
  }

  const lines: string[] = []
  const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
  log.info({ user: { favouriteColour: colour, favourite_colour: colour, secretWish: secret } })
  expect(lines.join('')).toContain('[redacted]')
  for (const word of [colour, secret]) expect(lines.join('')).not.toContain(word)

  await erasureOf(world, person)
  await world.db.query('UPDATE erasures SET erases_at = requested_at WHERE user_id = $1', [person.id])
  await world.do(eraseDue, {})
  expect(await columnsHolding(world.db, colour)).toEqual([])
  const [row] = await world.db.query('SELECT favourite_colour, secret_wish FROM users WHERE id = $1', [
    person.id,
  ])
  expect(row).toEqual({ favourite_colour: null, secret_wish: null })
})
