import { parse } from 'graphql'
import { Context } from '../../src/context/context'
import { anonymous, type Viewer } from '../../src/core/viewer'
import { hashToken, isAccessToken } from '../../src/crypto/token'
import type { PubSub } from '../../src/db/pub-sub'
import type { Executor } from '../../src/graphql/executor'
import { AccessTokenService } from '../../src/modules/access-token/access-token.service'
import { SessionService } from '../../src/modules/session/session.service'
import { newRequestId } from '../../src/server/requests'
import type { Speaker, SpeakerOf } from '../policy/stage'
import type { World } from '../support/world'

/** Speaks to an executor without a network in between, on the database of a world. */
export function inProcess({ db }: World, pubSub: PubSub, executor: Executor): SpeakerOf {
  async function viewerOf(token: string | undefined): Promise<Viewer> {
    if (token === undefined) return anonymous
    const Holders = isAccessToken(token) ? AccessTokenService : SessionService
    return (await new Holders(db).recognise(hashToken(token)))?.viewer ?? anonymous
  }

  return (token): Speaker => {
    const contextOf = async (requestId = newRequestId()) => {
      const caller = { viewer: await viewerOf(token), requestId, address: '127.0.0.1' }
      return new Context(db.as(caller), pubSub, { idempotencyKey: null })
    }
    return {
      async send(query, variables) {
        const requestId = newRequestId()
        const answer = await executor.execute(
          { document: parse(query), variables },
          await contextOf(requestId),
        )
        return { status: 200, headers: new Headers({ 'x-request-id': requestId }), ...plain(answer) }
      },
      subscribe(query) {
        const { promise: accepted, resolve: accept } = promiseOf()
        async function* answersOf(): AsyncIterableIterator<object> {
          const answers = await executor.subscribe({ document: parse(query) }, await contextOf(), contextOf)
          if (!(Symbol.asyncIterator in answers)) return yield plain(answers)
          accept()
          for await (const answer of answers) yield plain(answer)
        }
        return Object.assign(answersOf(), { accepted })
      },
    }
  }
}

/** An answer as it looks at the other end of a network. */
const plain = (answer: object) => JSON.parse(JSON.stringify(answer)) as object

function promiseOf() {
  let resolve!: () => void
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
