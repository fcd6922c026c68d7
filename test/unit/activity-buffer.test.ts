import { ApiError } from '../../src/core/error'
import { ActivityBuffer, type Batch } from '../../src/modules/activity/activity-buffer'

const LIMITS = { rows: 10, rowsAtOnce: 5, commits: 1 }

/** A store whose commits end when the test says so. */
class Store {
  readonly begun: string[][][] = []
  private readonly ends: ((error?: Error) => void)[] = []

  readonly store = (batches: readonly Batch<string>[]): Promise<string[]> => {
    this.begun.push(batches.map(({ rows }) => [...rows]))
    return new Promise((resolve, reject) => {
      this.ends.push((error) => (error ? reject(error) : resolve(batches.map(({ rows }) => rows.join('')))))
    })
  }

  async end(error?: Error): Promise<void> {
    this.ends.shift()!(error)
    await settled()
  }
}

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const of = (...rows: string[]): Batch<string> => ({ rows })

describe('a buffer of what is told', () => {
  test('stores the first at once, and what comes meanwhile together', async () => {
    const store = new Store()
    const buffer = new ActivityBuffer(store.store, LIMITS)
    const answers = [buffer.add(of('a'))]
    await settled()
    expect(store.begun).toEqual([[['a']]])
    answers.push(buffer.add(of('b', 'c')), buffer.add(of('d')))
    await settled()
    expect(store.begun).toHaveLength(1)
    await store.end()
    expect(store.begun[1]).toEqual([['b', 'c'], ['d']])
    await store.end()
    expect(await Promise.all(answers)).toEqual(['a', 'bc', 'd'])
    expect(buffer.size).toBe(0)
  })

  test('stores what arrives at the same moment together', async () => {
    const store = new Store()
    const buffer = new ActivityBuffer(store.store, LIMITS)
    const answers = [buffer.add(of('a')), buffer.add(of('b'))]
    await settled()
    expect(store.begun).toEqual([[['a'], ['b']]])
    await store.end()
    expect(await Promise.all(answers)).toEqual(['a', 'b'])
  })

  test('stores no more at once than it may, but for a batch that is larger by itself', async () => {
    const store = new Store()
    const buffer = new ActivityBuffer(store.store, LIMITS)
    const answers = [buffer.add(of('a', 'b', 'c')), buffer.add(of('d', 'e', 'f')), buffer.add(of('g'))]
    await settled()
    await store.end()
    await store.end()
    expect(store.begun).toEqual([[['a', 'b', 'c']], [['d', 'e', 'f'], ['g']]])
    await Promise.all(answers)
    const large = buffer.add(of(...'abcdefghijkl'))
    await settled()
    await store.end()
    expect(await large).toBe('abcdefghijkl')
  })

  test('acknowledges nothing before it is stored, and asks to wait where there is no room', async () => {
    const store = new Store()
    const buffer = new ActivityBuffer(store.store, LIMITS)
    let isAcknowledged = false
    const first = buffer.add(of(...'abcdefgh')).then(() => (isAcknowledged = true))
    await settled()
    const refused = await buffer.add(of('i', 'j', 'k')).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ApiError)
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', extensions: { retryAfter: 1 } })
    const second = buffer.add(of('i', 'j'))
    expect(buffer.size).toBe(10)
    expect(isAcknowledged).toBe(false)
    await store.end()
    await first
    // There is room again.
    const third = buffer.add(of('k', 'l', 'm'))
    await store.end()
    await store.end()
    expect(await Promise.all([second, third])).toEqual(['ij', 'klm'])
  })

  test('tries each by itself where one of them is refused, so that it is not in the way of the others', async () => {
    const stored: string[] = []
    const buffer = new ActivityBuffer(async (batches: readonly Batch<string>[]) => {
      const rows = batches.flatMap((batch) => batch.rows)
      if (rows.includes('bad')) throw Object.assign(new Error(`Not with ${rows.join()}`), { code: '22P05' })
      stored.push(...rows)
      return Promise.resolve(batches.map(() => 'stored'))
    }, LIMITS)
    const answers = await Promise.allSettled([
      buffer.add(of('a')),
      buffer.add(of('bad')),
      buffer.add(of('c')),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(stored).toEqual(['a', 'c'])
    expect(buffer.size).toBe(0)
    expect(await buffer.add(of('d'))).toBe('stored')
  })

  test('does not ask a database once more for each of them that is not there', async () => {
    let asked = 0
    const buffer = new ActivityBuffer((): Promise<string[]> => {
      asked++
      return Promise.reject(new ApiError('UNAVAILABLE', 'Not now.'))
    }, LIMITS)
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((row) => buffer.add(of(row))))
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect([asked, buffer.size]).toEqual([1, 0])
  })
})
