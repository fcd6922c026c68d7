/**
 * Every permission there is, with what it allows. A closed list: code asks for these words, roles hold some of them.
 * Adding one here is all it takes for it to appear in the API, in the roles' validation and in the documentation.
 */
export const PERMISSIONS = {
  'users:read': 'Browse people, and see their account details: status, locale, last seen.',
  'users:read-contact': "See other people's e-mail addresses and phone numbers.",
  'users:create': 'Make accounts for other people, and invite them.',
  'users:edit': "Change other people's profiles and usernames.",
  'users:suspend': 'Suspend other people, and reinstate them.',
  'users:verify-contact': "Vouch for other people's e-mail addresses.",
  'users:reset-password': "Start the replacement of other people's passwords.",
  'users:impersonate': 'Act as somebody who may do less, to see what they see.',
  'users:impersonate-write': 'Change things while acting as somebody else; never how they sign in.',
  'roles:read': 'See roles and who holds them.',
  'roles:write': 'Create, change and delete roles.',
  'roles:grant': 'Grant and revoke roles, as far as one holds their permissions oneself.',
  'groups:read': 'See groups and who is in them.',
  'groups:write': 'Create, change and delete groups, and say who is in them.',
  'sessions:read': "See other people's sessions.",
  'sessions:revoke': "End other people's sessions.",
  'security:read': 'See how other people sign in: second factors, passkeys, when the password was changed.',
  'preferences:read': "See other people's preferences.",
  'notes:read': 'Read what staff note about other people.',
  'notes:write': 'Note something about other people, and delete what others have noted.',
  'privacy:manage': "Handle people's requests about their data.",
  'holds:manage': "Keep people's data from being erased while the law asks for it.",
  'posts:moderate': "See, change and delete other people's posts, drafts included.",
  'posts:purge': "Delete other people's posts for good, once they are in the trash.",
  'filters:manage':
    'Say what is flagged, held or refused of what people write, and try it on what they have written.',
  'tickets:answer':
    "See other people's tickets, with what staff note in them, and answer, assign, solve and merge them.",
  'audit:read': 'Read the whole audit trail.',
  'webhooks:manage':
    'Have other systems told what happens to everybody, by ids; over everybody, as nobody can tell beforehand of whom.',
  'deliveries:manage':
    'See what became of mails and text messages to anybody, never what they say, and send again what was given up; over everybody.',
  'announcements:send': 'Tell everybody something, or all whom one finds among people; over everybody.',
  'analytics:read':
    'See figures about how the application is used: sums over everybody, of five people at least; over everybody.',
  'access:explain': 'See why somebody may, or may not, see or do something.',
} as const satisfies Record<string, string>

export type Permission = keyof typeof PERMISSIONS

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as Permission[]

export const isPermission = (word: string): word is Permission => Object.hasOwn(PERMISSIONS, word)
