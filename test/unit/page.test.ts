import fc from 'fast-check'
import { toConnection } from '../../src/api/connection'
import { fromCursor, pageSize, toCursor } from '../../src/core/page'

const badInput = expect.objectContaining({ code: 'BAD_USER_INPUT' })
const failureOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('page sizes', () => {
  test('twenty from the start are meant where nothing is said', () => {
    expect(pageSize({})).toEqual({ size: 20, backward: false })
    expect(pageSize({ first: null, last: null })).toEqual({ size: 20, backward: false })
  })

  test('sizes of 0 to 100 are taken from either end', () => {
    for (const size of [0, 1, 100]) {
      expect(pageSize({ first: size })).toEqual({ size, backward: false })
      expect(pageSize({ last: size })).toEqual({ size, backward: true })
    }
  })

  test('a negative or larger size, and both ends at once, are refused', () => {
    for (const request of [
      { first: -1 },
      { first: 101 },
      { last: -1 },
      { last: 101 },
      { first: 1, last: 1 },
      { first: 0, last: 0 },
    ]) {
      expect(failureOf(() => pageSize(request))).toEqual(badInput)
    }
  })
})

describe('cursors', () => {
  test('a cursor leads back to its place in its own list, whatever the values hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer())),
        (keyset) => {
          const cursor = toCursor('post-createdAt,id', keyset)
          fc.pre(cursor.length <= 512)
          expect(fromCursor('post-createdAt,id', cursor)).toEqual(keyset)
        },
      ),
    )
  })

  test('a cursor of another list or order, and what is no cursor at all, are refused', () => {
    const foreign = [
      toCursor('post+createdAt,id', [1, 'a']),
      toCursor('user-createdAt,id', [1, 'a']),
      '',
      '%',
      Buffer.from('null').toString('base64url'),
      Buffer.from('{"0":"post-createdAt,id"}').toString('base64url'),
      Buffer.from('"post-createdAt,id"').toString('base64url'),
      toCursor('post-createdAt,id', ['x'.repeat(600)]),
    ]
    for (const cursor of foreign)
      expect(failureOf(() => fromCursor('post-createdAt,id', cursor))).toEqual(badInput)
    fc.assert(
      fc.property(fc.string(), (text) =>
        expect(failureOf(() => fromCursor('post-createdAt,id', text))).toEqual(badInput),
      ),
    )
  })

  test('a cursor is made, and a count taken, only for those who ask', () => {
    const cursorOf = jest.fn((row: string) => `cursor of ${row}`)
    const count = jest.fn(() => Promise.resolve(3))
    const page = { rows: ['a', 'b', 'c'], cursorOf, hasNextPage: () => false, hasPreviousPage: () => false }
    const { edges, pageInfo } = toConnection(page, count)
    expect(edges.map(({ node }) => node)).toEqual(['a', 'b', 'c'])
    expect(cursorOf).not.toHaveBeenCalled()
    expect(edges[1]!.cursor).toBe('cursor of b')
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual(['cursor of a', 'cursor of c'])
    expect(cursorOf).toHaveBeenCalledTimes(3)
    expect(count).not.toHaveBeenCalled()
  })
})
