import { eventLogRules } from '@bulkhead/chassis/events'
import type { Cluster } from './kubectl.ts'
import { eventLogPasswords } from './secrets.ts'

/**
 * Lets in what runs already the users that are new in the event log's Secret, which it reads as it starts. Each is set as a whole, so that
 * nothing of what it was before stays.
 */
export async function letInEventLogUsers(cluster: Cluster, services: string[]) {
  const passwords = await eventLogPasswords(cluster)
  const quoted = (words: string[]) => words.map(word => JSON.stringify(word)).join(' ')
  const lines = services.map(name => {
    return quoted(['ACL', 'SETUSER', name, 'reset', 'on', `>${passwords.get(name)}`, ...eventLogRules(name)])
  })
  // By its input: arguments are for all to read.
  const program = ['sh', '-ec', 'redis-cli -e --user "$STORE_USERNAME"']
  await cluster.kubectl(['exec', '--stdin', 'event-log-0', '--', ...program], `${lines.join('\n')}\n`)
}
