/** What JSON has no word for: a moment. */
const MOMENT = '$moment'

/** A value as JSON, moments in it included. `momentsFromText` gives it back. */
export const momentsToText = <Value extends object>(value: Value): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key: string, each: unknown) {
    return this[key] instanceof Date ? { [MOMENT]: each } : each
  })

/** What `momentsToText` has made a text of. */
export const momentsFromText = <Value extends object>(text: string): Value =>
  JSON.parse(text, (_key, value: unknown) => (isMoment(value) ? new Date(value[MOMENT]) : value)) as Value

const isMoment = (value: unknown): value is { [MOMENT]: string } =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === MOMENT
