import { faultsOf, play } from '../support/conversation-play'
import { useWorld } from '../support/world'

const world = useWorld()

test('after 10⁴ things that people do at random and at once, numbers have no gaps and what is unread is exact', async () => {
  await play(world, 10_000, 20_262)
  expect(await faultsOf(world)).toEqual([])
})
