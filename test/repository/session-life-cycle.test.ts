import { liveThrough } from '../support/session-life-cycle'
import { useWorld } from '../support/world'

const world = useWorld()

test('R35 R36 R38 R39 R42 whatever happens to sessions, exactly those tokens work that should', () =>
  liveThrough(world, { lives: 40, steps: 30 }))
