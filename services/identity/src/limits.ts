const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Milliseconds that an access token is good for. Whoever was signed out may go on that long. */
export const ACCESS_MS = 15 * MINUTE_MS

/** Milliseconds from signing in until one must sign in again (NIST SP 800-63B, section 4.1.3). */
export const SESSION_MS = 30 * DAY_MS
/** Milliseconds in which the refresh token that was just used is answered once more, with the same successor. */
export const RETRY_MS = 30_000
/** Milliseconds after its start that a session is still known as one that its owner had, though it is over. */
export const KNOWN_MS = 90 * DAY_MS
/** Sessions of an account at most; the oldest end. */
export const MOST_SESSIONS = 20

/** Milliseconds in which a registration must be confirmed, and how many of one address may wait meanwhile. */
export const CONFIRM_MS = 60 * MINUTE_MS
export const MOST_REGISTRATIONS = 3

/** Milliseconds between two runs of what tends keys and removes what is over. */
export const TENDING_MS = MINUTE_MS
/** Erasures that one run finishes at most. */
export const MOST_FINISHED = 100
