import { eventLogRules } from '@bulkhead/chassis/events'
import type { Cluster } from './kubectl.ts'
import { eventLogPasswords } from './secrets.ts'

/**
 * Gives an event log that runs the users of these services, with the passwords in its Secret. It reads the Secret only as it starts. `reset`
 * removes the earlier rules and passwords of each user.
 */
export async function updateEventLogUsers(cluster: Cluster, services: string[]) {
  const passwords = await eventLogPasswords(cluster)
  const quoted = (words: string[]) => words.map(word => JSON.stringify(word)).join(' ')
  const lines = services.map(name => {
    return quoted(['ACL', 'SETUSER', name, 'reset', 'on', `>${passwords.get(name)}`, ...eventLogRules(name)])
  })
  // By its standard input, because every process on the node can read arguments.
  const program = ['sh', '-ec', 'redis-cli -e --user "$STORE_USERNAME"']
  await cluster.kubectl(['exec', '--stdin', 'event-log-0', '--', ...program], `${lines.join('\n')}\n`)
}
