import { neverMixedUp } from '../support/never-mixed-up'
import { useWorld } from '../support/world'

const world = useWorld()

test('R61 of 10⁴ identical queries of two people in parallel, each is answered with the data of its caller', () =>
  neverMixedUp(world, { requests: 10_000 }))
