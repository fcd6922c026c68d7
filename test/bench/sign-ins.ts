import { hash } from 'bcrypt'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config/config'
import { defaultConcurrency } from '../../src/crypto/password-hash'
import type { Contender } from './contender'
import { load, type Tokens } from './load'
import { SCENARIOS } from './scenarios'
import { PASSWORD, USERS } from './seed'

/** How many people sign in at the same time (requirement 26). */
const PEOPLE = 200

/** bcrypt's cost where nothing is said. */
const COST = readConfig({}).bcryptCost

/** As many hashes as Portico computes at once. */
const HASHES_AT_ONCE = defaultConcurrency()

/** What one round showed of sign-ins. Times in milliseconds. */
export interface SignInRound {
  /** Hashes a second, of nothing but bcrypt, and sign-ins a second, of Portico alone on the machine. */
  bcrypt: number
  signIns: number
  /** Sign-ins that were told to come again. */
  refused: number
  /** The viewer query beside 200 people who sign in. */
  viewer: { requestsPerSecond: number; p50: number; p99: number }
}

/** Sign-ins beside bare bcrypt at the same concurrency, and a query beside sign-ins. */
export async function measureSignIns(
  portico: Contender,
  tokens: Tokens,
  seconds: number,
): Promise<SignInRound> {
  const bcrypt = await bareBcrypt(seconds)
  const alone = await signInsDuring(portico, () => sleep(seconds * 1_000))
  let viewer!: SignInRound['viewer']
  const scenario = SCENARIOS.find(({ name }) => name === 'viewer')!
  await signInsDuring(portico, async () => {
    viewer = await load(portico, scenario, tokens, seconds)
  })
  return { bcrypt, signIns: alone.done, refused: alone.refused, viewer }
}

async function bareBcrypt(seconds: number): Promise<number> {
  let done = 0
  const started = performance.now()
  const isOver = () => performance.now() - started > seconds * 1_000
  const work = async () => {
    while (!isOver()) {
      await hash(PASSWORD, COST)
      done++
    }
  }
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, work))
  return done / ((performance.now() - started) / 1_000)
}

/** Has 200 people sign in, again and again, while `work` runs; those who are turned away wait as long as they are told. */
async function signInsDuring(portico: Contender, work: () => Promise<unknown>) {
  let [done, refused, isOver] = [0, 0, false]
  const person = async (number: number) => {
    while (!isOver) {
      const answer = await signIn(portico, `person${number}`)
      const error = answer.errors?.[0]?.extensions
      if (answer.data?.signIn?.token) done += isOver ? 0 : 1
      else if (error && COME_AGAIN.includes(error.code)) {
        refused++
        // Not all at the same moment again.
        const wait = (error.retryAfter ?? 1) * 1_000 * (0.5 + Math.random())
        for (let waited = 0; waited < wait && !isOver; waited += 100) await sleep(100)
      } else throw new Error(`A sign-in failed: ${JSON.stringify(answer)}`)
    }
  }
  const people = Promise.all(Array.from({ length: PEOPLE }, (_, index) => person(NOT_SUSPENDED[index]!)))
  people.catch(() => undefined)
  // Until the line is as long as it gets.
  await sleep(1_000)
  done = 0
  const started = performance.now()
  await work()
  isOver = true
  const elapsed = (performance.now() - started) / 1_000
  const rate = done / elapsed
  await people
  return { done: rate, refused }
}

const NOT_SUSPENDED = Array.from({ length: USERS }, (_, number) => number).filter(
  (number) => number % 50 !== 7,
)

/** What those are told for whom there is no room at the moment. */
const COME_AGAIN = ['RATE_LIMITED', 'UNAVAILABLE']

interface Answer {
  data?: { signIn?: { token: string | null } | null }
  errors?: { extensions: { code: string; retryAfter?: number } }[]
}

async function signIn(portico: Contender, login: string): Promise<Answer> {
  const response = await fetch(`${portico.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation ($input: SignInInput!) { signIn(input: $input) { token userErrors { code } } }',
      variables: { input: { login, password: PASSWORD } },
    }),
  })
  return (await response.json()) as Answer
}
