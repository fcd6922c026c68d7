/** Tells every process whose permissions have changed; a null `userId` means anybody's. */
export const PERMISSIONS_CHANGED = 'permissions-changed'
