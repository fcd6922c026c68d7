import type { Fault, Figure } from './fault'
import type { Outcome } from './report'
import type { Stage } from './stage'

/** Plays a fault so often; what breaks a play off is told with the outcome, and the next one is begun anew. */
export async function play(
  stage: Stage,
  fault: Fault,
  times: number,
  tell: (line: string) => void = () => undefined,
): Promise<Outcome> {
  const obstacle = fault.obstacle?.() ?? null
  if (obstacle !== null) return { fault, plays: [], obstacle, failed: false }
  const plays: Figure[][] = []
  for (let time = 1; time <= times; time++) {
    tell(`${fault.number}. ${fault.name}, ${time} of ${times}`)
    try {
      plays.push(await fault.play(stage))
    } catch (error) {
      const { message, stack } = error as Error
      tell(stack ?? message)
      return { fault, plays, obstacle: `broken off: ${message}`, failed: true }
    } finally {
      await stage.clear()
    }
  }
  return { fault, plays, obstacle: null, failed: false }
}
