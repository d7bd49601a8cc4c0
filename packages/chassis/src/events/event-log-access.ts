import { streamsOf } from '../contract/index.ts'

/** The rights to connect, to read as a member of a group, and to read the progress of groups. */
const READ_RIGHTS =
  '+@connection -@dangerous +info +xreadgroup +xack +xautoclaim +xclaim +xpending +xgroup|create +xgroup|delconsumer +xinfo +xlen +xrange'

/**
 * Returns the ACL rules of a service's user on the event log, for `ACL SETUSER <service> <rules>` or an ACL file (Redis 7 or later, for its
 * selectors). The user reads every stream, in groups. It appends to its own streams and trims them. The rules do not enable the user or set
 * its password.
 */
export function eventLogRules(service: string): string[] {
  const own = Object.values(streamsOf(service)).map(stream => `~${stream}`)
  return [
    'resetkeys',
    'resetchannels',
    '-@all',
    '~events.*',
    ...READ_RIGHTS.split(' '),
    `(+xadd +xtrim ${own.join(' ')})`
  ]
}
