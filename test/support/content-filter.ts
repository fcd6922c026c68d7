import { idOf, newId, toGlobalId, type Id } from '../../src/core/id'
import { ContentFilterMatch } from '../../src/modules/content-filter/content-filter-match.entity'
import type { CreateContentFilterInput } from '../../src/modules/content-filter/content-filter.input'
import { ContentFilterService } from '../../src/modules/content-filter/content-filter.service'
import { FilterAction, FilteredKind } from '../../src/modules/content-filter/filter-terms'
import { unique, type Person, type World } from './world'

type Terms = CreateContentFilterInput['terms']

interface Wanted extends Partial<Omit<CreateContentFilterInput, 'terms'>> {
  words?: string[]
  exceptions?: string[]
  readsLeetspeak?: boolean
  links?: Partial<NonNullable<Terms['links']>>
  rate?: Partial<NonNullable<Terms['rate']>>
  by?: Person
}

/** A filter of posts and comments, switched on; its global id. */
export async function contentFilter(
  world: World,
  { words, exceptions, readsLeetspeak = false, links, rate, by, ...wanted }: Wanted,
): Promise<string> {
  const filters = new ContentFilterService(
    await world.asViewer(by ?? (await world.person({ role: 'admin' }))),
  )
  const { id } = await filters.create({
    name: unique('Filter '),
    action: FilterAction.REFUSE,
    covers: [FilteredKind.POST, FilteredKind.COMMENT],
    isEnabled: true,
    terms: {
      ...(words && { words: { words, readsLeetspeak, ...(exceptions && { exceptions }) } }),
      ...(links && { links: { tolerated: 0, ...links } }),
      ...(rate && { rate: { limit: 1, windowSeconds: 60, sameTextOnly: false, ...rate } }),
    },
    ...wanted,
  })
  return toGlobalId('content_filter', id)
}

/** A word that no other test writes, of letters alone, none of which looks like another. */
export const uniqueWord = (): string =>
  unique('').replace(/\d/g, (digit) => 'ghkmpqtvwy'[Number(digit)]!) + 'zz'

/** Says that a filter has found something in a case, by its global id. */
export async function filterMatchIn(world: World, caseGlobalId: string, found = 'Words'): Promise<void> {
  const caseId = idOf('moderation_case', caseGlobalId)!
  const [about] = await world.db.query<{ author_id: Id }>(
    'SELECT author_id FROM moderation_cases WHERE id = $1',
    [caseId],
  )
  const [id, authorId] = [newId(world.clock.now()), about!.author_id]
  await world.db.repo(ContentFilterMatch).insert({
    id,
    caseId,
    filterId: newId(world.clock.now()),
    filterName: unique('Filter '),
    action: FilterAction.FLAG,
    authorId,
    foundParts: await world.db.codec.seal(ContentFilterMatch, 'foundParts', { id, ownerId: authorId }, found),
    createdAt: world.clock.now(),
  })
}
