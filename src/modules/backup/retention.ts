import { DAY } from '../../core/clock'
import type { Keep } from '../../config/config'
import type { StoredArchive } from './backup-folder'

/** The first day of the ISO week (ISO 8601: Monday) that a moment lies in, UTC. */
function weekOf(moment: Date): string {
  const daysSinceMonday = (moment.getUTCDay() + 6) % 7
  return dayOf(new Date(moment.getTime() - daysSinceMonday * DAY))
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)
const monthOf = (moment: Date): string => moment.toISOString().slice(0, 7)

/**
 * The archives that may go, grandfather-father-son: the last one of each of so many days, weeks and months stays, counted
 * over those that have one at all, so that a pause takes nothing away. The newest of all stays in any case.
 */
export function supersededArchives(archives: readonly StoredArchive[], keep: Keep): StoredArchive[] {
  const newestFirst = archives.toSorted((one, other) => other.takenAt.getTime() - one.takenAt.getTime())
  const kept = new Set(newestFirst.slice(0, 1))
  const lastOfEach = (periodOf: (moment: Date) => string, count: number) => {
    const seen = new Set<string>()
    for (const archive of newestFirst) {
      const period = periodOf(archive.takenAt)
      if (seen.has(period)) continue
      if (seen.size >= count) return
      seen.add(period)
      kept.add(archive)
    }
  }
  lastOfEach(dayOf, keep.daily)
  lastOfEach(weekOf, keep.weekly)
  lastOfEach(monthOf, keep.monthly)
  return newestFirst.filter((archive) => !kept.has(archive))
}
