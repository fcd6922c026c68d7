import { liveThrough } from '../support/session-life-cycle'
import { useWorld } from '../support/world'

const world = useWorld()

test('R42 whatever happens to sessions in 2,000 lives, exactly those tokens work that should', () =>
  liveThrough(world, { lives: 2_000, steps: 60 }))
