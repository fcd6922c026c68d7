/** Where people set their preferences. */
export enum PreferenceLevel {
  PERSON = 'person',
  DEVICE = 'device',
}
