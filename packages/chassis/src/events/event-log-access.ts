import { streamsOf } from '../contract/index.ts'

/** What connecting, reading as a member of a group, and trimming below the groups take. */
const READING =
  '+@connection -@dangerous +info +xreadgroup +xack +xautoclaim +xclaim +xpending +xgroup|create +xgroup|delconsumer +xinfo +xlen +xrange'

/**
 * The rules of a service's user on the event log, for `ACL SETUSER <service> <rules>` or a line of an ACL file (Redis 7, for
 * its selectors); enabling the user and its password come on top. It reads every stream, in groups, and appends to its own.
 */
export function eventLogRules(service: string): string[] {
  const own = Object.values(streamsOf(service)).map(stream => `~${stream}`)
  return ['resetkeys', 'resetchannels', '-@all', '~events.*', ...READING.split(' '), `(+xadd +xtrim ${own.join(' ')})`]
}
