import { liveThrough } from '../support/session-life-cycle'
import { useWorld } from '../support/world'

const world = useWorld()

test('R42 whatever happens to sessions in 400 lives, exactly those tokens work that should', () =>
  liveThrough(world, { lives: 400, steps: 60 }))
