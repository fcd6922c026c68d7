import type { Caller } from '../../src/core/caller'
import { DAY, later } from '../../src/core/clock'
import type { Database } from '../../src/db/database'
import { PostSearchRepository } from '../../src/modules/post/post-search.repository'
import { PostStatus, PostVisibility } from '../../src/modules/post/post-status'
import { renderPostsAnew } from '../../src/modules/post/post.task'
import type { ApiClient } from '../support/api-client'
import { ATTACKS } from '../support/attacks'
import { erased, restricted } from '../support/privacy'
import { unique, useWorld, type Person } from '../support/world'

const world = useWorld()

const { DRAFT, SCHEDULED, ARCHIVED, REMOVED } = PostStatus
const { MEMBERS, ONLY_ME } = PostVisibility

/** A word that stands nowhere else, of letters alone: what has digits in it is no word of a language. */
const newWord = (): string => unique('q').replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]!)

const SEARCH = `query ($query: String!, $filter: PostSearchFilter, $first: Int, $after: String, $last: Int, $before: String) {
  searchPosts(query: $query, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor node {
      score isSimilar post { id title } titleHighlight { text isMatch } excerptHighlight { text isMatch }
    } }
  }
}`

interface Segment {
  text: string
  isMatch: boolean
}

interface Found {
  score: number
  isSimilar: boolean
  post: { id: string; title: string }
  titleHighlight: Segment[]
  excerptHighlight: Segment[]
}

interface Page {
  totalCount: number
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null }
  edges: { cursor: string; node: Found }[]
}

interface Asked {
  api?: ApiClient
  filter?: Record<string, unknown>
  first?: number
  after?: string
  last?: number
  before?: string
}

const search = async (query: string, { api = world.anonymous, ...asked }: Asked = {}): Promise<Page> =>
  (await api.data(SEARCH, { query, ...asked })).searchPosts as Page

const found = async (query: string, asked: Asked = {}): Promise<Found[]> =>
  (await search(query, asked)).edges.map(({ node }) => node)

const idsOf = async (query: string, asked: Asked = {}): Promise<string[]> =>
  (await found(query, asked)).map(({ post }) => post.id)

/** Writes a post in a language, as its author does. */
async function write(written: {
  author?: Person
  title?: string
  body?: string
  tags?: string[]
  language?: string
}): Promise<string> {
  const { author = await world.person(), title = 'Untitled', body = 'Nothing.', ...more } = written
  const { createPost } = await author.api.data(
    `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { code field message } } }`,
    { input: { title, body, publish: true, ...more } },
  )
  expect(createPost.userErrors).toEqual([])
  return createPost.post.id as string
}

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')
const matchesIn = (segments: readonly Segment[]): string[] =>
  segments.filter(({ isMatch }) => isMatch).map(({ text }) => text)

describe('a search finds posts', () => {
  test.each([
    ['en', 'She was running for years.', ['runs', 'RUN', 'year', 'running years']],
    ['en-GB', 'She was running.', ['runs']],
    ['de', 'Die Häuser am Fluss', ['Haus', 'häuser', 'HÄUSER']],
    ['fr', 'Des chansons majestueuses', ['chanson', 'majestueux']],
    ['ru', 'красивые города', ['красивый', 'город', 'ГОРОДА']],
    // One whose word stems PostgreSQL does not know is found by its words as they are.
    ['ja-Latn', 'watashi no inu', ['inu', 'WATASHI']],
    ['und', 'lorem ipsum', ['ipsum']],
  ])('in the language of each, which is %s', async (language, body, queries) => {
    const word = newWord()
    const id = await write({ body: `${body} ${word}`, language })
    for (const query of queries) expect([query, await idsOf(`${query} ${word}`)]).toEqual([query, [id]])
  })

  test('of several languages at once, each by its own rules', async () => {
    const word = newWord()
    const english = await write({ body: `${word} running`, language: 'en' })
    const german = await write({ body: `${word} Häuser`, language: 'de' })
    // “die” is an article in German, and none in English.
    expect(await idsOf(`${word} die Häuser`)).toEqual([german])
    expect(await idsOf(`${word} runs`)).toEqual([english])
    expect((await idsOf(word)).sort()).toEqual([english, german].sort())
  })

  test('by title, tags and text, in this order', async () => {
    const word = newWord()
    const filler = 'Other words stand here, and some more of them.'
    const inText = await write({ title: 'Some title', body: `${filler} ${word}` })
    const inTags = await write({ title: 'Some title', body: filler, tags: [word] })
    const inTitle = await write({ title: `Title ${word}`, body: filler })
    const posts = await found(word)
    expect(posts.map(({ post }) => post.id)).toEqual([inTitle, inTags, inText])
    expect(posts.map(({ score, isSimilar }) => score > 1 && score < 2 && !isSimilar)).toEqual([
      true,
      true,
      true,
    ])
  })

  test('that have all of the words, one after another, or either, and not others', async () => {
    const [one, other, third] = [newWord(), newWord(), newWord()]
    const both = await write({ body: `${one} ${other}` })
    const apart = await write({ body: `${one} and then ${third} ${other}` })
    const alone = await write({ body: one })
    expect((await idsOf(`${one} ${other}`)).sort()).toEqual([both, apart].sort())
    expect(await idsOf(`"${one} ${other}"`)).toEqual([both])
    expect(await idsOf(`${one} -${other}`)).toEqual([alone])
    expect(await idsOf(`${one} -"${one} ${other}" ${third}`)).toEqual([apart])
    expect((await idsOf(`"${one} ${other}" or ${third}`)).sort()).toEqual([both, apart].sort())
    // An open quote, and signs that mean nothing here.
    expect(await idsOf(`"${one} ${other}`)).toEqual([both])
    expect(await idsOf(`${one}:* & !(${third} | ${other})`)).toEqual([apart])
  })

  test('by words that stand in markup, paths and tags, and not by what is not shown', async () => {
    const [word, hidden] = [newWord(), newWord()]
    const id = await write({
      body: `**${word}** \`<client>/server.ts\` ada@mail.example [a link](https://example.com/${hidden})\n\n| a | ${word}cell |\n|-|-|\n| b | c |`,
    })
    for (const query of [
      'client',
      'server',
      'client/server',
      'server.ts',
      '<client>',
      'ada',
      'ada@mail.example',
      'link',
      `${word}cell`,
    ])
      expect([query, await idsOf(`${word} ${query}`)]).toEqual([query, [id]])
    expect(await idsOf(hidden)).toEqual([])
  })

  test('however a letter is put together, and in whatever case', async () => {
    const word = newWord()
    const id = await write({ title: `Café ${word}`.normalize('NFD') })
    for (const query of ['café', 'café'.normalize('NFD'), 'CAFÉ', 'ｃａｆé'.normalize('NFKC')])
      expect(await idsOf(`${query} ${word}`)).toEqual([id])
  })

  test('as they are by now', async () => {
    const [before, after] = [newWord(), newWord()]
    const author = await world.person()
    const id = await write({ author, title: before, body: `${before} running`, language: 'de' })
    const update = (input: object) =>
      author.api.data(
        `mutation ($input: UpdatePostInput!) { updatePost(input: $input) { post { language version } userErrors { code field } } }`,
        { input: { postId: id, ...input } },
      )
    expect(await idsOf(`"${before}" runs`)).toEqual([])
    // A language is not what a post says: no revision is kept of it.
    expect((await update({ language: 'en' })).updatePost.post).toEqual({ language: 'en', version: 2 })
    expect(await idsOf(`"${before}" runs`)).toEqual([id])
    await update({ title: after, body: after })
    expect([await idsOf(before), await idsOf(after)]).toEqual([[], [id]])
    const { restorePostRevision } = await author.api.data(
      `mutation { restorePostRevision(input: { postId: "${id}", number: 1 }) { post { title language } } }`,
    )
    expect(restorePostRevision.post).toEqual({ title: before, language: 'en' })
    expect([await idsOf(before), await idsOf(after)]).toEqual([[id], []])
  })

  test('whose words nobody can write beside the post', async () => {
    const [word, forged] = [newWord(), newWord()]
    const post = await world.post({ title: word })
    await world.db.query(`UPDATE posts SET search_vector = to_tsvector($2) WHERE id = $1`, [post.id, forged])
    expect([await idsOf(word), await idsOf(forged)]).toEqual([[post.globalId], []])
  })

  test('that were written before there was a search, by what was typed until a job has rendered them', async () => {
    const [word, hidden] = [newWord(), newWord()]
    const post = await world.post({ body: `[${word}](https://example.com/${hidden})` })
    await world.db.query('UPDATE posts SET plain_text = body, markup_version = 0 WHERE id = $1', [post.id])
    expect([await idsOf(word), await idsOf(hidden)]).toEqual([[post.globalId], [post.globalId]])
    await world.do(renderPostsAnew, {})
    expect([await idsOf(word), await idsOf(hidden)]).toEqual([[post.globalId], []])
  })
})

describe('where hardly any post has the words', () => {
  test.each([
    ['a letter is wrong', 'xylofone'],
    ['two are exchanged', 'xylpohone'],
    ['one is missing', 'xylphone'],
    ['the word is not finished', 'xylop'],
    ['accents are missing, or too many', 'xýlophöne'],
  ])('titles that are similar follow, though %s', async (_how, query) => {
    const word = newWord()
    const similar = await write({ title: `Xylophone of ${word}` })
    const all = await found(query)
    const one = all.find(({ post }) => post.id === similar)
    expect(one).toMatchObject({ isSimilar: true })
    expect(one!.score).toBeGreaterThanOrEqual(0.4)
    expect(one!.score).toBeLessThanOrEqual(1)
    expect(matchesIn(one!.titleHighlight)).toEqual([])
    expect(textOf(one!.titleHighlight)).toBe(`Xylophone of ${word}`)
  })

  test('they come after what has the words, and once', async () => {
    const word = newWord()
    const similar = await write({ title: `${word.slice(0, -1)}z`, language: 'und' })
    const exact = await write({ body: word, language: 'und' })
    const both = await write({ title: word, language: 'und' })
    expect((await found(word)).map(({ post, isSimilar }) => [post.id, isSimilar])).toEqual([
      [both, false],
      [exact, false],
      [similar, true],
    ])
  })

  test('nothing similar is found for whoever says more than words', async () => {
    const word = newWord()
    const id = await write({ title: `${word.slice(0, -1)}z` })
    expect(await idsOf(word)).toEqual([id])
    for (const query of [`"${word}"`, `${word} -nothing`, `${word} -"no thing"`])
      expect(await idsOf(query)).toEqual([])
  })
})

describe('what was looked for is set apart', () => {
  test('in the title and in pieces of the text, which are plain', async () => {
    const word = newWord()
    await write({
      title: `Running <b>${word}</b>`,
      body: `# Heading\n\nA **bold ${word}** & <script>alert(1)</script> [runs](https://example.com).`,
    })
    const [one] = await found(`${word} runs`)
    expect(one!.titleHighlight).toEqual([
      { text: 'Running', isMatch: true },
      { text: ' <b>', isMatch: false },
      { text: word, isMatch: true },
      { text: '</b>', isMatch: false },
    ])
    expect(matchesIn(one!.excerptHighlight)).toEqual([word, 'runs'])
    expect(textOf(one!.excerptHighlight)).toBe(`Heading A bold ${word} & <script>alert(1)</script> runs`)
  })

  test('where it stands, in a long text', async () => {
    const word = newWord()
    const filler = 'There is nothing to see here, go along. '.repeat(100)
    await write({ body: `${filler}${word} once. ${filler}${word} twice. ${filler}` })
    const [one] = await found(word)
    expect(matchesIn(one!.excerptHighlight)).toEqual([word, word])
    expect(textOf(one!.excerptHighlight).length).toBeLessThan(500)
  })

  test('as nothing in a text can pretend', async () => {
    const word = newWord()
    const post = await world.post({ title: word })
    // The API takes no such characters; the database holds what it was given.
    const forged = `\u0001one\u0002 \u0003two\u0004 ${word} \u0002\u0001\u0001 three/four<five>`
    await world.db.query('UPDATE posts SET title = $2, plain_text = $2 WHERE id = $1', [post.id, forged])
    const [one] = await found(word)
    expect(matchesIn(one!.titleHighlight)).toEqual([word])
    expect(matchesIn(one!.excerptHighlight)).toEqual([word])
    expect(textOf(one!.titleHighlight)).toBe(`one two ${word}  three/four<five>`)
  })
})

describe('filters', () => {
  test('narrow what is found, and add up', async () => {
    const word = newWord()
    const [author, other] = [await world.person(), await world.person()]
    const tagged = await write({ author, title: word, tags: ['Photo', 'Berlin'] })
    const german = await write({ author, title: word, language: 'de-AT' })
    const others = await write({ author: other, title: word, tags: ['photo'] })
    const asked = async (filter: object) => (await idsOf(word, { filter: filter as Asked['filter'] })).sort()
    expect(await asked({ tag: 'PHOTO' })).toEqual([tagged, others].sort())
    expect(await asked({ tag: 'hoto' })).toEqual([])
    expect(await asked({ authorId: author.globalId })).toEqual([tagged, german].sort())
    expect(await asked({ authorId: author.globalId, tag: 'photo' })).toEqual([tagged])
    expect(await asked({ authorId: 'user_nobody' })).toEqual([])
    for (const language of ['de', 'DE', 'de-CH']) expect(await asked({ language })).toEqual([german])
    expect(await asked({ language: 'd1' })).toEqual([])
    const now = world.clock.now()
    const [yesterday, tomorrow] = [later(now, -DAY), later(now, DAY)]
    expect(await asked({ publishedSince: yesterday, publishedBefore: tomorrow })).toHaveLength(3)
    expect(await asked({ publishedSince: tomorrow })).toEqual([])
    expect(await asked({ publishedBefore: yesterday })).toEqual([])
    await world.db.query('UPDATE posts SET published_at = $1 WHERE title = $2 AND language = $3', [
      later(yesterday, -DAY),
      word,
      'de-AT',
    ])
    expect(await asked({ publishedBefore: yesterday })).toEqual([german])
  })

  test('hold for what is similar as well', async () => {
    const word = newWord()
    const author = await world.person()
    const own = await write({ author, title: `${word}x` })
    await write({ title: `${word}x` })
    expect(await idsOf(word, { filter: { authorId: author.globalId } })).toEqual([own])
  })
})

describe('pages', () => {
  test('lead through everything, forwards and backwards, and say what lies beyond', async () => {
    const word = newWord()
    const author = await world.person()
    // Some rank the same.
    for (let number = 0; number < 7; number++)
      await write({ author, title: number % 2 ? word : 'Title', body: word })
    const whole = await search(word)
    expect(whole.totalCount).toBe(7)
    const ids = whole.edges.map(({ node }) => node.post.id)
    const scores = whole.edges.map(({ node }) => node.score)
    expect(scores).toEqual([...scores].sort((one, next) => next - one))
    expect(new Set(scores).size).toBe(2)

    const walked: string[] = []
    let after: string | undefined
    for (;;) {
      const page = await search(word, { first: 2, after })
      walked.push(...page.edges.map(({ node }) => node.post.id))
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined)
      expect(page.totalCount).toBe(7)
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor!
    }
    expect(walked).toEqual(ids)
    const last = await search(word, { last: 3, before: whole.edges[5]!.cursor })
    expect(last.edges.map(({ node }) => node.post.id)).toEqual(ids.slice(2, 5))
    expect(last.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  })

  test('hold nothing twice where something is published or changed between them', async () => {
    const word = newWord()
    for (let number = 0; number < 3; number++) await write({ body: word })
    const first = await search(word, { first: 2 })
    const better = await write({ title: word, body: word })
    const rest = await search(word, { after: first.pageInfo.endCursor! })
    const ids = [...first.edges, ...rest.edges].map(({ node }) => node.post.id)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(better)
  })

  test('take no cursors of other lists', async () => {
    const word = newWord()
    await world.post({ title: word })
    const { posts } = await world.anonymous.data('{ posts(first: 1) { edges { cursor } } }')
    const [own] = (await search(word)).edges
    const forged = (key: unknown[]) => Buffer.from(JSON.stringify(key)).toString('base64url')
    const { '0': list } = JSON.parse(Buffer.from(own!.cursor, 'base64url').toString('utf8')) as string[]
    for (const after of [
      posts.edges[0].cursor,
      'x',
      forged([list, 'x', 'y']),
      forged([list, 1]),
      forged([list, null, null]),
    ])
      expect(await world.anonymous.errorCode(SEARCH, { query: word, after })).toBe('BAD_USER_INPUT')
    expect(await world.anonymous.errorCode(SEARCH, { query: word, first: -1 })).toBe('BAD_USER_INPUT')
  })

  test('take as many statements, however much they hold', async () => {
    const word = newWord()
    const author = await world.person()
    for (let number = 0; number < 2; number++) await write({ author, title: word })
    const few = await world.statements(() => search(word, { first: 1 }))
    for (let number = 0; number < 3; number++) await write({ title: word })
    expect(await world.statements(() => search(word, { first: 5 }))).toHaveLength(few.length)
  })
})

/** Who is to find a post, and everybody else not: neither it nor that there is one. */
const HIDDEN: Record<string, { hide: (word: string) => Promise<Person>; finders: readonly string[] }> = {
  'a draft': { hide: async (title) => (await world.post({ title, status: DRAFT })).author, finders: [] },
  'a scheduled post': {
    hide: async (title) => (await world.post({ title, status: SCHEDULED })).author,
    finders: [],
  },
  'an archived post': {
    hide: async (title) => (await world.post({ title, status: ARCHIVED })).author,
    finders: [],
  },
  'a removed post': {
    hide: async (title) => (await world.post({ title, status: REMOVED })).author,
    finders: [],
  },
  'a post in the trash': {
    hide: async (title) => (await world.post({ title, isTrashed: true })).author,
    finders: [],
  },
  'a post for nobody else': {
    hide: async (title) => (await world.post({ title, visibility: ONLY_ME })).author,
    finders: ['author', 'moderator'],
  },
  'a post for members': {
    hide: async (title) => (await world.post({ title, visibility: MEMBERS })).author,
    finders: ['author', 'moderator', 'member'],
  },
  'a post of somebody whose data is kept and no more': {
    hide: async (title) => {
      const { author } = await world.post({ title })
      await restricted(world, author)
      return author
    },
    finders: ['author'],
  },
}

describe('nobody finds what they may not read', () => {
  test.each(Object.keys(HIDDEN))('such as %s, nor that there is one', async (name) => {
    const { hide, finders } = HIDDEN[name]!
    const word = newWord()
    const author = await hide(word)
    const readers: Record<string, ApiClient> = {
      stranger: world.anonymous,
      member: (await world.person()).api,
      author: author.api,
      moderator: (await world.person({ role: 'manager' })).api,
    }
    const nothing = await search(newWord())
    // By its words, by something similar, and by whatever narrows it.
    const asked: [string, Asked][] = [
      [word, {}],
      [`"${word}"`, {}],
      [`${word}s`, {}],
      [word.slice(0, -1), {}],
      [word, { filter: { authorId: author.globalId } }],
      [word, { filter: { language: 'en' } }],
    ]
    for (const [reader, api] of Object.entries(readers))
      for (const [query, more] of asked) {
        const page = await search(query, { api, ...more })
        if (finders.includes(reader)) expect([reader, query, page.totalCount]).toEqual([reader, query, 1])
        else expect([reader, query, page]).toEqual([reader, query, nothing])
      }
  })

  test('such as posts of somebody who has been erased', async () => {
    const word = newWord()
    const { author } = await world.post({ title: word, body: word })
    expect(await found(word)).toHaveLength(1)
    await erased(world, author)
    expect(await search(word)).toEqual(await search(newWord()))
    const [left] = await world.db.query<{ count: number }>(
      `SELECT count(*)::int FROM posts WHERE plain_text ~ $1 OR search_vector::text ~ $1`,
      [word],
    )
    expect(left).toEqual({ count: 0 })
  })

  test('such as posts of whom they have blocked or muted, unless they ask for that person', async () => {
    for (const mutation of ['blockUser', 'muteUser']) {
      const word = newWord()
      const { author, globalId } = await world.post({ title: word })
      const reader = await world.person()
      await reader.api.data(
        `mutation { ${mutation}(input: { userId: "${author.globalId}" }) { userErrors { code } } }`,
      )
      expect(await search(word, { api: reader.api })).toEqual(await search(newWord()))
      expect(await idsOf(word, { api: reader.api, filter: { authorId: author.globalId } })).toEqual([
        globalId,
      ])
      expect(await idsOf(word)).toEqual([globalId])
    }
  })

  test('and what they find ranks as if there were nothing else', async () => {
    const word = newWord()
    await world.post({ title: word, body: `${word} and more` })
    await world.post({ body: word })
    const before = await search(word)
    for (const title of [word, `${word} ${word}`]) {
      await world.post({ title, body: `${word} hidden`, status: DRAFT })
      await world.post({ title, body: `${word} hidden`, visibility: ONLY_ME })
    }
    expect(await search(word)).toEqual(before)
  })

  test('a moderator who is shown where one has a word that is meant for nobody else is noted', async () => {
    const word = newWord()
    const { author } = await world.post({ title: word, visibility: ONLY_ME })
    const manager = await world.person({ role: 'manager' })
    await manager.api.data(`{ searchPosts(query: "${word}") { edges { node { titleHighlight { text } } } } }`)
    const { viewer } = await author.api.data(
      '{ viewer { accessLog(first: 1) { edges { node { fields } } } } }',
    )
    expect(viewer.accessLog.edges).toEqual([{ node: { fields: ['FoundPost'] } }])
  })
})

describe('whichever way a search takes, it finds the same', () => {
  const POSTS = 12
  const BUDGETS = {
    'among the newest': { near: 100, enough: 1, frequent: 1, candidates: 100 },
    'by the index of words': { near: 1, enough: 100, frequent: 100, candidates: 100 },
    'by slices of time, from what is frequent': { near: 3, enough: 100, frequent: 1, candidates: 100 },
    'by slices of time, from what is too much': { near: 1, enough: 100, frequent: 100, candidates: 2 },
    'where there is nothing besides the newest': { near: 100, enough: 100, frequent: 100, candidates: 0 },
  }
  const others = { ranked: 100, few: 0 }
  let word: string
  let db: Database
  const expected: string[] = []

  beforeAll(async () => {
    word = newWord()
    const author = await world.person()
    for (let number = 0; number < POSTS; number++) {
      const post = await world.post({
        author,
        body: number % 3 === 0 ? 'Nothing.' : `${word} ${'filler '.repeat(number)}`,
      })
      await world.db.query('UPDATE posts SET published_at = $2 WHERE id = $1', [
        post.id,
        later(world.clock.now(), -number * number * number * DAY),
      ])
      if (number % 3 !== 0) expected.push(post.id)
    }
    db = world.db.as({
      viewer: (await world.asViewer(author)).caller.viewer,
      requestId: null,
      address: null,
    } satisfies Caller)
  })

  test.each(Object.keys(BUDGETS) as (keyof typeof BUDGETS)[])('%s', async (way) => {
    const repository = new PostSearchRepository(db, { ...BUDGETS[way], ...others })
    const posts = await repository.find({ text: word, similarTo: null, filter: {} })
    expect(posts.map(({ id }) => id).sort()).toEqual([...expected].sort())
    expect(posts.every(({ score, isSimilar }) => score > 1 && !isSimilar)).toBe(true)
    // What nobody has is found nowhere, and the newest of what many have.
    expect(await repository.find({ text: newWord(), similarTo: null, filter: {} })).toEqual([])
    const newest = new PostSearchRepository(db, { ...BUDGETS[way], ...others, ranked: 3 })
    const ofNewest = await newest.find({ text: word, similarTo: null, filter: {} })
    expect(ofNewest.map(({ id }) => id).sort()).toEqual(expected.slice(0, 3).sort())
  })

  test('by slices of time, between two moments', async () => {
    const repository = new PostSearchRepository(db, {
      ...BUDGETS['by slices of time, from what is too much'],
      ...others,
    })
    const now = world.clock.now()
    const filter = { publishedSince: later(now, -130 * DAY), publishedBefore: later(now, -7 * DAY) }
    const posts = await repository.find({ text: word, similarTo: null, filter })
    // 2³ = 8, 4³ = 64 and 5³ = 125 days ago.
    expect(posts.map(({ id }) => id).sort()).toEqual([expected[1], expected[2], expected[3]].sort())
  })
})

describe('bad input', () => {
  const FIELD = `query ($query: String!, $filter: PostSearchFilter) { searchPosts(query: $query, filter: $filter) { totalCount } }`

  test.each([
    ['empty', '', 'REQUIRED'],
    ['of white space', ' \u2003 ', 'REQUIRED'],
    ['without a letter or digit', '"" - & | !', 'INVALID'],
    ['of exclusions alone', '-one -"two three"', 'INVALID'],
    ['of one that is excluded often', `${'-'.repeat(100)}a`, 'INVALID'],
    ['too long', 'a'.repeat(201), 'TOO_LONG'],
    ['in several lines', 'one\ntwo', 'INVALID'],
  ])('a query that is %s is refused, and what to do is told', async (_how, query, code) => {
    const { errors } = await world.anonymous.send(FIELD, { query })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(JSON.stringify(errors![0])).toContain(code)
  })

  test('a megabyte, NUL and what is no text are refused before anything is asked', async () => {
    const { status } = await world.anonymous
      .send(FIELD, { query: 'a'.repeat(1_000_000) })
      .catch(() => ({ status: 413 }))
    expect(status).toBe(413)
    for (const query of ['a\0b', 'a\u202eb', '\ud800']) {
      const statements = await world.statements(async () =>
        expect(await world.anonymous.errorCode(FIELD, { query })).toBe('BAD_USER_INPUT'),
      )
      expect(statements).toEqual([])
    }
  })

  test.each([
    ...ATTACKS.filter(
      (attack) =>
        /[\p{L}\p{N}]/u.test(attack) &&
        attack.length <= 200 &&
        !/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028]/u.test(attack),
    ),
    "'; DROP TABLE posts; --",
    String.raw`\' OR 1=1 \x00 %_ $1 :text ::regconfig`,
    'a:* & b:A | !c <-> d <2> (e',
    '"'.repeat(99) + 'a',
    'a '.repeat(100),
    'or or or not and',
    'the and of',
    '👩‍👩‍👧‍👦 zzz ﷽',
    'ſß'.repeat(60),
    `a${'\u0301'.repeat(20)}`,
  ])('“%s” is words like any others', async (query) => {
    expect(await world.anonymous.send(FIELD, { query })).toMatchObject({
      data: { searchPosts: expect.anything() },
    })
  })

  test('a language is a BCP 47 tag, and the one of its author where nothing is said', async () => {
    const author = await world.person()
    await world.db.query(`UPDATE users SET locale = 'pt-BR' WHERE id = $1`, [author.id])
    const create = (more: object) =>
      author.api.data(
        `mutation ($input: CreatePostInput!) { createPost(input: $input) { post { language } userErrors { code field } } }`,
        { input: { title: 'Title', body: 'Body', ...more } },
      )
    expect((await create({})).createPost).toEqual({ post: { language: 'pt-BR' }, userErrors: [] })
    expect((await create({ language: 'de' })).createPost).toEqual({
      post: { language: 'de' },
      userErrors: [],
    })
    for (const language of ['DE', 'de_DE', 'e n', 'x'])
      expect((await create({ language })).createPost).toMatchObject({
        post: null,
        userErrors: [{ field: ['language'] }],
      })
    const { globalId } = await world.post({ author })
    const { updatePost } = await author.api.data(
      `mutation { updatePost(input: { postId: "${globalId}", language: "de-de" }) { post { id } userErrors { code field } } }`,
    )
    expect(updatePost).toEqual({ post: null, userErrors: [{ code: 'INVALID', field: ['language'] }] })
  })
})
