import {
  actionsOfSeverity,
  ALL_ACTIONS,
  AuditOutcome,
  AuditSeverity,
  entryOf,
  isSecurityAction,
  NOT_FOR_WHOM_THEY_ARE_ABOUT,
  outcomeOf,
} from '../../src/modules/audit/audit-event'

describe('each action of the trail', () => {
  test('ends as its name says', () => {
    for (const action of ALL_ACTIONS.filter((one) => /-failed$/.test(one)))
      expect([action, outcomeOf(action)]).toEqual([action, AuditOutcome.FAILURE])
    expect(outcomeOf('post.created')).toBe(AuditOutcome.SUCCESS)
    expect(outcomeOf('access.refused')).toBe(AuditOutcome.REFUSED)
  })

  test('has one severity, and what did not succeed is never a matter of course', () => {
    const bySeverity = Object.values(AuditSeverity).map((severity) => actionsOfSeverity([severity]))
    expect(bySeverity.flat().sort()).toEqual([...ALL_ACTIONS].sort())
    for (const action of ALL_ACTIONS.filter((one) => outcomeOf(one) !== AuditOutcome.SUCCESS))
      expect([AuditSeverity.WARNING, AuditSeverity.CRITICAL]).toContain(entryOf(action).severity)
  })

  test('that a person does not see names them in its details, and tells nobody else', () => {
    expect(NOT_FOR_WHOM_THEY_ARE_ABOUT.length).toBeGreaterThan(5)
    for (const action of NOT_FOR_WHOM_THEY_ARE_ABOUT) {
      const { details, webhooks } = entryOf(action)
      expect([action, Object.keys(details ?? {}).includes('about'), webhooks]).toEqual([action, true, 'kept'])
      expect(isSecurityAction(action)).toBe(false)
    }
  })
})
