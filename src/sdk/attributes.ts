import type { AttributeInput } from './generated/operations'

/** What an application keeps about people, by key. It says what that is with `portico attributes types`. */
export interface AttributeValues {}

/**
 * The values of attributes by their keys: `const { pronouns } = attributeValues(user.attributes)`. One that is not set, or not for the
 * viewer to see, is not there.
 */
export const attributeValues = (
  attributes: readonly { key: string; value: unknown }[] | null,
): Partial<AttributeValues> => Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, value]))

/**
 * Values as `setAttributes` takes them: `portico.setAttributes({ attributes: attributeInputs({ pronouns: 'she/her' }) })`. Null removes
 * one.
 */
export const attributeInputs = (values: {
  [Key in keyof AttributeValues]?: AttributeValues[Key] | null
}): AttributeInput[] => Object.entries<unknown>(values).map(([key, value]) => ({ key, value }))
