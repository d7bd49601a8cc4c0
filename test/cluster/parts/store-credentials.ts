import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import { eventLogPasswords, readSecrets, storeSecret } from '../../../packages/cli/src/cluster/secrets.ts'
import type { Stack } from '../../../packages/cli/src/services/stack.ts'
import type { Part } from '../part.ts'

type Credentials = { store: string; user: string; password: string }

/**
 * Checks that no store accepts the credentials of another one, and that a service can append only to its own stream. Each attempt runs
 * inside the store's pod.
 */
export const storeCredentials: Part = {
  name: 'separation of stores',
  async run({ cluster, stack, say }) {
    const secrets = await readSecrets(cluster)
    const credentialsOf = (kind: string) =>
      stack.services
        .filter(({ store }) => store === kind)
        .map(({ name }) => storeSecret(name))
        .filter(name => secrets.has(name))
        .map(name => ({ store: name, user: secrets.get(name)!.username!, password: secrets.get(name)!.password! }))
    const redis = credentialsOf('redis')
    const urls = stack.services
      .filter(({ store }) => store === 'mongodb')
      .flatMap(({ name }) => secrets.get(storeSecret(name))?.url ?? [])
    const hasNoUsers = urls.some(url => !URL.parse(url)?.username)
    const passwords = await eventLogPasswords(cluster)
    say(`    Redis: ${redis.length} stores and the event log, ${passwords.size} users of the event log`)
    return [
      ...(await redisStores(cluster, [...redis, ...eventLogUsers(passwords)])),
      ...(await streams(cluster, stack, passwords)),
      ...(hasNoUsers ? ['unrun: the stand-in for MongoDB has no users'] : await mongoStores(cluster, urls))
    ]
  }
}

const eventLogUsers = (passwords: Map<string, string>): Credentials[] =>
  [...passwords].map(([user, password]) => ({ store: 'event-log', user, password }))

/** Checks each user at each Redis. Only the user's own Redis may accept it, and no Redis may accept a client without a user. */
async function redisStores(cluster: Cluster, all: Credentials[]): Promise<string[]> {
  const hosts = [...new Set(all.map(({ store }) => store))]
  const findings = hosts.map(async host => {
    const replies = await redisReplies(cluster, host, [
      'PING',
      ...all.map(({ user, password }) => `AUTH ${user} ${password}`)
    ])
    return [
      ...(replies[0]?.startsWith('NOAUTH') ? [] : [`${host} answers ${replies[0]} without credentials`]),
      ...all.flatMap(({ store, user }, place) => {
        const expected = store === host ? 'OK' : 'WRONGPASS'
        const reply = replies[place + 1] ?? 'nothing'
        return reply.startsWith(expected)
          ? []
          : [`${host} answers "${reply}" to the credentials of ${user} for ${store}`]
      })
    ]
  })
  return (await Promise.all(findings)).flat()
}

/** Tries to append as each service to each stream. The ID is invalid, so nothing is appended: Redis checks permissions first. */
async function streams(cluster: Cluster, { services }: Stack, passwords: Map<string, string>): Promise<string[]> {
  const owners = services.map(({ name }) => name)
  const findings = [...passwords].map(async ([user, password]) => {
    const replies = await redisReplies(cluster, 'event-log', [
      `AUTH ${user} ${password}`,
      ...owners.map(owner => `XADD events.${owner} no-id field value`)
    ])
    return owners.flatMap((owner, place) => {
      const expected = owner === user ? 'ERR Invalid stream ID' : 'NOPERM'
      const reply = replies[place + 1] ?? 'nothing'
      return reply.startsWith(expected) ? [] : [`${user} appending to the stream of ${owner} gets "${reply}"`]
    })
  })
  return (await Promise.all(findings)).flat()
}

/** Returns the replies of a Redis to these commands, one line each. Does not use the credentials of the pod. */
async function redisReplies(cluster: Cluster, host: string, commands: string[]): Promise<string[]> {
  const program = ['env', '-u', 'REDISCLI_AUTH', 'redis-cli']
  const text = await cluster.kubectl(['exec', '--stdin', `${host}-0`, '--', ...program], `${commands.join('\n')}\n`)
  return text.split('\n').filter(Boolean)
}

/**
 * Checks each service's user at each MongoDB. In its own MongoDB the user may read its own database, but neither users nor the names of
 * databases. Every other MongoDB must refuse the user, and every MongoDB must refuse a client without a user.
 */
async function mongoStores(cluster: Cluster, urls: string[]): Promise<string[]> {
  const findings = urls.map(async own => {
    const { hostname: host, pathname } = new URL(own)
    const tries = urls.flatMap(url => [
      { who: new URL(url).username, url, what: 'listCollections', expected: url === own ? 'OK' : 'refused' },
      { who: new URL(url).username, url, what: 'listDatabases', expected: 'refused' },
      { who: new URL(url).username, url, what: 'usersInfo', expected: 'refused' }
    ])
    const all = [
      { who: 'nobody', url: `mongodb://${host}${pathname}`, what: 'listCollections', expected: 'refused' },
      ...tries
    ]
    const program = all.map(({ url, what }) => {
      const local = Object.assign(new URL(url), { host: 'localhost:27017' }).href
      const database = what === 'listCollections' ? pathname.slice(1) : 'admin'
      const command = what === 'listDatabases' ? '{ listDatabases: 1, authorizedDatabases: false }' : `{ ${what}: 1 }`
      const asked = `connect(${JSON.stringify(local)}).getSiblingDB(${JSON.stringify(database)}).runCommand(${command})`
      return `try { print(${asked}.ok ? 'OK' : 'refused') } catch { print('refused') }`
    })
    const command = ['exec', '--stdin', `${host}-0`, '--', 'mongosh', '--quiet', '--nodb']
    const text = await cluster.kubectl(command, `${program.join('\n')}\n`)
    const replies = text.match(/\b(OK|refused)\b/g) ?? []
    return all.flatMap(({ who, what, expected }, place) =>
      replies[place] === expected ? [] : [`${host} says "${replies[place]}" to ${what} of ${who}`]
    )
  })
  return (await Promise.all(findings)).flat()
}
