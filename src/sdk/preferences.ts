import type { PreferenceInput } from './generated/operations'
import type { PreferenceValues } from './generated/preferences'

/**
 * The values of preferences by their keys: `const { theme } = preferenceValues(await portico.viewerPreferences())`. A key that was not
 * asked for is not there.
 */
export const preferenceValues = (
  preferences: readonly { key: string; value: unknown }[] | null,
): Partial<PreferenceValues> => Object.fromEntries((preferences ?? []).map(({ key, value }) => [key, value]))

/** Values as `setPreferences` takes them: `portico.setPreferences({ preferences: preferenceInputs({ theme: 'dark' }) })`. */
export const preferenceInputs = (values: Partial<PreferenceValues>): PreferenceInput[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }))
