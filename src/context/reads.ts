import type { Id } from '../core/id'
import type { Permission } from '../core/permission'

/** What one request has read of other people's personal data, for their access log: one entry per person at its end. */
export class Reads {
  private readonly fields = new Map<Id, Set<string>>()
  private readonly used = new Set<Permission>()

  /** Which parts of the trail were listed. */
  readonly trails: object[] = []

  note(subjectId: Id, field: string, permissions: readonly Permission[]): void {
    const known = this.fields.get(subjectId)
    if (known) known.add(field)
    else this.fields.set(subjectId, new Set([field]))
    for (const permission of permissions) this.used.add(permission)
  }

  /** What was noted, and nothing of it a second time. */
  take(): { read: { subjectId: Id; fields: string[] }[]; permissions: Permission[] } {
    const read = [...this.fields].map(([subjectId, fields]) => ({ subjectId, fields: [...fields].sort() }))
    const permissions = [...this.used]
    this.fields.clear()
    this.used.clear()
    return { read, permissions }
  }
}
