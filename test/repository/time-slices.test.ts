import { later, HOUR } from '../../src/core/clock'
import { newId, type Id } from '../../src/core/id'
import type { PageRequest } from '../../src/core/page'
import { timeSlices } from '../../src/db/time-slices'
import { newPost, published } from '../../src/modules/post/new-post'
import { Post } from '../../src/modules/post/post.entity'
import { PostOrder, PostRepository } from '../../src/modules/post/post.repository'
import { useWorld, type Person } from '../support/world'

const world = useWorld()

test('the database numbers slices of time as the code does', async () => {
  const now = world.clock.now()
  for (const moment of [
    new Date(0),
    new Date('2001-02-03T04:05:06.789Z'),
    now,
    new Date('2099-12-31T23:59:59.999Z'),
  ]) {
    const [row] = await world.db.query<{ slices: number[] }>('SELECT time_slices($1) AS slices', [moment])
    const [hour] = timeSlices(moment, moment)
    expect(row!.slices[0]).toBe(hour)
    // Seen from far away, it lies in one of the longer ones.
    for (const from of [
      later(moment, 1_000 * HOUR),
      later(moment, 100_000 * HOUR),
      later(moment, -100_000 * HOUR),
    ]) {
      const seen = timeSlices(from, moment)
      expect(seen.filter((slice) => row!.slices.includes(slice))).toHaveLength(1)
    }
  }
})

describe('a list that is read in slices of time', () => {
  /** How long ago they were published, in hours; some within one, and three in one moment. */
  const AGES = [0, 0.1, 0.2, 1, 1, 1, 3, 5, 17, 70, 71, 300, 1_500, 1_501, 9_000, 26_000]
  let reader: Person
  const ids: Id[] = []

  beforeAll(async () => {
    reader = await world.person()
    const now = world.clock.now()
    for (const [index, age] of AGES.entries()) {
      const at = later(now, -age * HOUR)
      const written = {
        authorId: reader.id,
        title: 'Title',
        body: '',
        tags: index % 2 ? ['odd', 'all'] : ['all'],
      }
      const post = { ...newPost({ ...written, language: 'en' }, at), ...published(at), id: newId(at) }
      await world.db.repo(Post).insert(post)
      ids.push(post.id)
    }
    // Those of one moment come by their ids.
    ids.splice(3, 3, ...ids.slice(3, 6).sort().reverse())
  })

  test.each([
    ['all', () => true],
    ['odd', (index: number) => index % 2 === 1],
    ['none', () => false],
  ])('holds what has the tag “%s”, from either end, and after or before each', async (tag, has) => {
    const posts = new PostRepository(await world.asViewer(reader))
    const tagged = new Set(
      (await world.db.query<{ id: Id }>('SELECT id FROM posts WHERE tags @> ARRAY[$1]', [tag])).map(
        ({ id }) => id,
      ),
    )
    expect(tagged.size).toBe(AGES.filter((_, index) => has(index)).length)
    for (const order of [PostOrder.NEWEST_FIRST, PostOrder.OLDEST_FIRST]) {
      const list = (request: PageRequest) => posts.list({ tag }, order, request)
      const inOrder = order === PostOrder.NEWEST_FIRST ? ids : ids.toReversed()
      const expected = inOrder.filter((id) => tagged.has(id))
      const idsOf = async (request: PageRequest) => (await list(request)).rows.map(({ id }) => id)
      expect(await idsOf({ first: 100 })).toEqual(expected)
      expect(await idsOf({ last: 100 })).toEqual(expected)
      expect(await idsOf({ first: 2 })).toEqual(expected.slice(0, 2))
      expect(await idsOf({ last: 2 })).toEqual(expected.slice(-2))
      const { rows, cursorOf } = await list({ first: 100 })
      for (const [place, row] of rows.entries()) {
        const cursor = cursorOf(row)
        expect(await idsOf({ first: 3, after: cursor })).toEqual(expected.slice(place + 1, place + 4))
        expect(await idsOf({ last: 3, before: cursor })).toEqual(
          expected.slice(Math.max(0, place - 3), place),
        )
        const page = await list({ first: 1, after: cursor })
        expect([await page.hasPreviousPage(), await page.hasNextPage()]).toEqual([
          true,
          place + 2 < rows.length,
        ])
      }
    }
  })

  test('takes two statements, and one where a cursor leads to where there is nothing', async () => {
    const posts = new PostRepository(await world.asViewer(reader))
    const list = (request: PageRequest) => posts.list({ tag: 'all' }, PostOrder.NEWEST_FIRST, request)
    const page = await world.expectQueries(2, () => list({}))
    const { rows, cursorOf } = page
    const at = (publishedAt: Date) => cursorOf({ ...rows[3]!, publishedAt })
    for (const [place, after, before] of [
      [rows[3]!.publishedAt!, AGES.length - 4, 3],
      [new Date(0), 0, AGES.length],
      [new Date('9998-01-01'), AGES.length, 0],
    ] as const) {
      const cursor = at(place)
      const following = await world.expectQueries(after ? 2 : 1, () => list({ first: 100, after: cursor }))
      expect(following.rows).toHaveLength(after)
      const preceding = await world.expectQueries(before ? 2 : 1, () => list({ last: 100, before: cursor }))
      expect(preceding.rows).toHaveLength(before)
    }
  })
})
