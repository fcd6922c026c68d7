import { readFileSync } from 'node:fs'
import { getMetadataArgsStorage } from 'typeorm'
import { classificationOf } from '../../src/core/personal-data'
import { entities } from '../../src/modules/modules'
import { readSources } from './source'

/*
 * Whatever others read goes past the filters of moderation before they do. Every table is asked that holds words of people for
 * everybody: its module shows them to the filters, or it stands here why not.
 */

const NOT_FILTERED: Record<string, string> = {
  User: 'A profile is no piece: there is one of a person, moderators change it (`updateUser`), and no case is about it.',
  Avatar:
    'It holds a random name of files; filters read words, and staff remove a picture (`removeUserAvatar`).',
  PostRevision:
    'What a post said before, which went past them then, and is read by its author and moderators.',
}

const SCREEN = 'src/modules/content-filter/screen-content'

const sources = readSources()

/** The module of an entity. */
function moduleOf({ name }: Function): string {
  const declares = new RegExp(`export class ${name}\\b`)
  const file = sources.find(
    ({ path }) => path.endsWith('.entity.ts') && declares.test(readFileSync(path, 'utf8')),
  )
  return file!.path.split('/')[2]!
}

/** Whether a table has words that somebody has written for everybody. */
function isReadByAll(entity: Function): boolean {
  return getMetadataArgsStorage()
    .filterColumns(entity)
    .filter(({ options }) => options.type === 'text')
    .some(({ propertyName }) => {
      const what = classificationOf(entity, propertyName)
      if (what === undefined || what === 'not-personal') return false
      return ['content', 'identity'].includes(what.category) && what.readers.includes('everyone')
    })
}

const isFiltered = (module: string): boolean =>
  sources.some(
    ({ path, imports }) =>
      path.startsWith(`src/modules/${module}/`) && imports.some(({ target }) => target === SCREEN),
  )

const open = entities.filter(isReadByAll)

test('posts and comments are words for everybody', () => {
  expect(open.map(({ name }) => name)).toEqual(expect.arrayContaining(['Post', 'Comment']))
})

test('whatever holds words for everybody shows them to filters first, or says why not', () => {
  const forgotten = open
    .filter((entity) => !isFiltered(moduleOf(entity)) && NOT_FILTERED[entity.name] === undefined)
    .map(({ name }) => name)
  if (forgotten.length === 0) return
  throw new Error(
    `${forgotten.join(', ')}: everybody reads what people write there, and no filter has looked at it. Call \`screenContent\` in ` +
      'the transaction that makes it seen, and add the kind to FilteredKind; or say in NOT_FILTERED why not.',
  )
})

test('private messages are shown to them as well', () => expect(isFiltered('conversation')).toBe(true))
