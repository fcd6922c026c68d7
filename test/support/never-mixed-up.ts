import { Agent, request } from 'node:http'
import type { World } from './world'

const AT_ONCE = 50

/** Two people send the same query, many times at once; fails when one of them is answered with data of the other. */
export async function neverMixedUp(world: World, { requests }: { requests: number }): Promise<void> {
  const people = [await world.person(), await world.person()] as const
  const body = JSON.stringify({ query: '{ viewer { id email } }' })
  const expected = people.map(({ globalId, email }) => JSON.stringify({ viewer: { id: globalId, email } }))
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  let next = 0
  let mixedUp = 0
  const client = async () => {
    while (next < requests) {
      const who = next++ % 2
      let answer: { data: unknown; errors?: { extensions: { code: string } }[] }
      // A machine that cannot keep up says so, and is asked again; it never answers with somebody else's data.
      do answer = JSON.parse(await ask(agent, world.url, body, people[who]!.token)) as typeof answer
      while (answer.errors?.[0]?.extensions.code === 'UNAVAILABLE')
      if (JSON.stringify(answer.data) !== expected[who]) mixedUp++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  agent.destroy()
  expect({ next, mixedUp }).toEqual({ next: requests, mixedUp: 0 })
}

/** A lean client: thousands of calls of `fetch` take longer than what they ask for. */
function ask(agent: Agent, url: string, body: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${token}`,
    }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
