/**
 * The names under which a browser reaches its own machine. Pages for developers answer to no other: a stranger's name
 * that leads here (DNS rebinding) would let the stranger's page read them.
 */
export const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** For routes that are there for a browser on this machine only, and otherwise not found. */
export const LOCAL_ONLY = { constraints: { host: LOCAL_HOST } }
