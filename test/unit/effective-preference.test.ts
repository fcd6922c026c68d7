import fc from 'fast-check'
import type { PreferenceDefinition } from '../../src/core/preference-definition'
import { ValueSchema } from '../../src/core/value-schema'
import {
  effective,
  NOTHING_SET,
  PreferenceSource,
  type Levels,
} from '../../src/modules/preference/effective-preference'

const { BUILT_IN, APPLICATION, GROUP, PERSON, DEVICE } = PreferenceSource
const schema = new ValueSchema({ type: 'integer', minimum: 0, maximum: 9 })

const definitionOf = (flags: Partial<PreferenceDefinition> = {}): PreferenceDefinition => ({
  key: 'a.b.c',
  description: 'A number.',
  schema,
  default: 0,
  isDefaultOfApplication: false,
  isForDevices: true,
  isForGroups: true,
  ...flags,
})

const at = (value: unknown, minute = 0) => ({ value, updatedAt: new Date(minute * 60_000) })

const ALL: Levels = {
  device: at(4, 4),
  person: at(3, 3),
  groups: [
    { ...at(1, 1), groupId: 'first' },
    { ...at(2, 2), groupId: 'second' },
  ],
  version: 7,
}

test.each([
  ['the device', ALL, {}, 4, DEVICE],
  ['the person where the device says nothing', { ...ALL, device: null }, {}, 3, PERSON],
  ['the person where devices are all alike', ALL, { isForDevices: false }, 3, PERSON],
  ['the group of the longest membership', { ...ALL, device: null, person: null }, {}, 1, GROUP],
  ['another group', { ...ALL, device: null, person: null, groups: ALL.groups.slice(1) }, {}, 2, GROUP],
  ['the default of Portico', NOTHING_SET, {}, 0, BUILT_IN],
  [
    'the default of Portico where groups have no say',
    { ...ALL, device: null, person: null },
    { isForGroups: false },
    0,
    BUILT_IN,
  ],
  [
    'the default of the application',
    NOTHING_SET,
    { isDefaultOfApplication: true, default: 5 },
    5,
    APPLICATION,
  ],
  ['what is allowed still', { ...ALL, device: at(99), person: at('x') }, {}, 1, GROUP],
] as const)('it is decided by %s', (_who, levels, flags, value, source) => {
  const preference = effective(definitionOf(flags), levels)
  expect(preference).toMatchObject({ value, source, version: levels.version })
})

test('it says from which group it comes, when it was set there, and what is inherited', () => {
  expect(effective(definitionOf(), ALL)).toMatchObject({
    groupId: null,
    updatedAt: new Date(240_000),
    inheritedValue: 1,
    defaultValue: 0,
    namespace: 'a.b',
  })
  expect(effective(definitionOf(), { ...ALL, device: null, person: null })).toMatchObject({
    groupId: 'first',
    updatedAt: new Date(60_000),
    inheritedValue: 1,
  })
  expect(effective(definitionOf(), NOTHING_SET)).toMatchObject({
    groupId: null,
    updatedAt: null,
    inheritedValue: 0,
  })
})

/** The rule once more, told in another way: the levels in a row, and the last one that counts. */
function expected(definition: PreferenceDefinition, { device, person, groups }: Levels) {
  const isAllowed = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 9
  let answer: [unknown, PreferenceSource] = [
    definition.default,
    definition.isDefaultOfApplication ? APPLICATION : BUILT_IN,
  ]
  if (definition.isForGroups)
    for (const { value } of [...groups].reverse()) if (isAllowed(value)) answer = [value, GROUP]
  if (person && isAllowed(person.value)) answer = [person.value, PERSON]
  if (definition.isForDevices && device && isAllowed(device.value)) answer = [device.value, DEVICE]
  return answer
}

test('whatever is set where, the nearest level that is allowed decides, and what it says is always allowed', () => {
  const value = fc.oneof(fc.integer({ min: -1, max: 10 }), fc.constantFrom('5', null, 5.5))
  const set = value.map((each) => at(each))
  const levels = fc.record({
    device: fc.option(set),
    person: fc.option(set),
    groups: fc.array(
      set.map((each, index = 0) => ({ ...each, groupId: `group ${index}` })),
      { maxLength: 4 },
    ),
    version: fc.nat(),
  })
  const flags = fc.record({
    isForDevices: fc.boolean(),
    isForGroups: fc.boolean(),
    isDefaultOfApplication: fc.boolean(),
    default: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(flags, levels, (given, set) => {
      const definition = definitionOf(given)
      const preference = effective(definition, set)
      expect([preference.value, preference.source]).toEqual(expected(definition, set))
      expect(schema.problemWith(preference.value)).toBeNull()
      // Resetting what is the person's own leads to what they inherit.
      const reset = effective(definition, { ...set, device: null, person: null })
      expect(preference.inheritedValue).toEqual(reset.value)
    }),
    { numRuns: 1_000 },
  )
})
