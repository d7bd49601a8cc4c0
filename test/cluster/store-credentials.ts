import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { eventLogPasswords, readSecrets, storeSecret } from '../../packages/cli/src/cluster/secrets.ts'
import type { Stack } from '../../packages/cli/src/stack.ts'
import type { Part } from './part.ts'

type Credentials = { of: string; user: string; password: string }

/** The credentials of one store are nothing to another, and a service appends to its own stream only. Each is tried inside the store's pod. */
export const storeCredentials: Part = {
  name: 'separation of stores',
  async run({ cluster, stack, say }) {
    const secrets = await readSecrets(cluster)
    const of = (kind: string) =>
      stack.services
        .filter(({ store }) => store === kind)
        .map(({ name }) => storeSecret(name))
        .filter(name => secrets.has(name))
        .map(name => ({ of: name, user: secrets.get(name)!.username!, password: secrets.get(name)!.password! }))
    const redis = of('redis')
    const takesNone = of('mongodb').some(({ of }) => !URL.parse(secrets.get(of)?.url ?? '')?.username)
    const passwords = await eventLogPasswords(cluster)
    say(`    Redis: ${redis.length} stores and the event log, ${passwords.size} users of the event log`)
    return [
      ...(await redisStores(cluster, [...redis, ...eventLogUsers(passwords)])),
      ...(await streams(cluster, stack, passwords)),
      ...(takesNone
        ? ['unrun: the stand-in for MongoDB takes no credentials']
        : await mongoStores(cluster, of('mongodb')))
    ]
  }
}

const eventLogUsers = (passwords: Map<string, string>): Credentials[] =>
  [...passwords].map(([user, password]) => ({ of: 'event-log', user, password }))

/** Each one's credentials at each Redis: let in at its own, nowhere else, and nobody without. */
async function redisStores(cluster: Cluster, all: Credentials[]): Promise<string[]> {
  const hosts = [...new Set(all.map(({ of }) => of))]
  const findings = hosts.map(async host => {
    const replies = await redisReplies(cluster, host, [
      'PING',
      ...all.map(({ user, password }) => `AUTH ${user} ${password}`)
    ])
    return [
      ...(replies[0]?.startsWith('NOAUTH') ? [] : [`${host} answers ${replies[0]} to who has no credentials`]),
      ...all.flatMap(({ of, user }, place) => {
        const expected = of === host ? 'OK' : 'WRONGPASS'
        const came = replies[place + 1] ?? 'nothing'
        return came.startsWith(expected) ? [] : [`${host} answers "${came}" to the credentials of ${user} at ${of}`]
      })
    ]
  })
  return (await Promise.all(findings)).flat()
}

/** What each service may append to. The ID is a bad one, so that nothing is: Redis looks at permissions first. */
async function streams(cluster: Cluster, { services }: Stack, passwords: Map<string, string>): Promise<string[]> {
  const owners = services.map(({ name }) => name)
  const findings = [...passwords].map(async ([user, password]) => {
    const replies = await redisReplies(cluster, 'event-log', [
      `AUTH ${user} ${password}`,
      ...owners.map(owner => `XADD events.${owner} no-id field value`)
    ])
    return owners.flatMap((owner, place) => {
      const expected = owner === user ? 'ERR Invalid stream ID' : 'NOPERM'
      const came = replies[place + 1] ?? 'nothing'
      return came.startsWith(expected) ? [] : [`${user} appending to the stream of ${owner} gets "${came}"`]
    })
  })
  return (await Promise.all(findings)).flat()
}

/** What a Redis says to these commands, a line each, to who comes without the credentials that its pod has. */
async function redisReplies(cluster: Cluster, host: string, commands: string[]): Promise<string[]> {
  const program = ['env', '-u', 'REDISCLI_AUTH', 'redis-cli']
  const text = await cluster.kubectl(['exec', '--stdin', `${host}-0`, '--', ...program], `${commands.join('\n')}\n`)
  return text.split('\n').filter(Boolean)
}

/** The same for MongoDB, where it knows users. */
async function mongoStores(cluster: Cluster, all: Credentials[]): Promise<string[]> {
  const findings = all.map(async ({ of: host }) => {
    const attempts = all.map(({ user, password }) => `mongodb://${user}:${password}@localhost:27017/?authSource=admin`)
    const program = ['mongodb://localhost:27017', ...attempts].map(
      url =>
        `try { connect(${JSON.stringify(url)}).adminCommand({ listDatabases: 1 }); print('OK') } catch { print('refused') }`
    )
    const command = ['exec', '--stdin', `${host}-0`, '--', 'mongosh', '--quiet', '--nodb']
    const text = await cluster.kubectl(command, `${program.join('\n')}\n`)
    const replies = text.match(/\b(OK|refused)\b/g) ?? []
    return ['nobody', ...all.map(({ of }) => of)].flatMap((who, place) => {
      const expected = who === host ? 'OK' : 'refused'
      return replies[place] === expected ? [] : [`${host} says "${replies[place]}" to the credentials of ${who}`]
    })
  })
  return (await Promise.all(findings)).flat()
}
