import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { eventLogServer } from '../event-log/event-log.ts'
import type { Program } from '../processes/daemon.ts'
import type { Service, Stack } from '../services/stack.ts'
import { mongodbServers } from './mongodb-servers.ts'
import { ensureMongodbUsers, mongodbUsers, serviceUrl } from './mongodb-users.ts'
import { redisProgram, redisVersion } from './redis-server.ts'
import { userMongodb, userRedis } from './user-stores.ts'

export type StoresOptions = {
  /** The addresses of the user's own servers (MONGODB_URL, REDIS_URL), used in place of private ones. */
  userServers: { mongodb?: string | undefined; redis?: string | undefined }
  say: (line: string) => void
  /** Starts a store and resolves when it answers. */
  launch: (program: Program) => Promise<unknown>
}

/** The stores of a stack. */
export type Stores = {
  /** The addresses of stores, by service. */
  urls: Record<string, string>
  /** For each kind of store, a line that describes the chosen server. */
  chosen: string[]
}

/** Starts a store for each service, and the event log. Resolves when all of them answer. */
export async function startStores(stack: Stack, options: StoresOptions): Promise<Stores> {
  for (const line of abandonedStores(stack)) options.say(line)
  const [mongodb, redis] = await Promise.all([startMongodbStores(stack, options), startRedisStores(stack, options)])
  return { urls: { ...mongodb.urls, ...redis.urls }, chosen: [...mongodb.chosen, ...redis.chosen] }
}

async function startMongodbStores(stack: Stack, { userServers, say, launch }: StoresOptions): Promise<Stores> {
  const services = servicesOn(stack, 'mongodb')
  if (services.length === 0) return { urls: {}, chosen: [] }
  if (userServers.mongodb) return userMongodb(userServers.mongodb, services)
  const servers = services.map(({ name, ports }) => ({ name, port: ports.store }))
  const folder = join(stack.folder, 'stores')
  const options = { root: stack.root, folder, logs: logsFolder(stack), servers, needsUsers: true, say }
  const mongodb = await mongodbServers(options)
  await Promise.all(mongodb.programs.map(launch))
  const names = services.map(({ name }) => name)
  const serverOf = (name: string) => mongodb.urls[name]!
  const urls = mongodb.hasUsers
    ? await urlsWithUsers(stack, names, serverOf)
    : names.map(name => [name, `${serverOf(name)}/${name}`])
  return { urls: Object.fromEntries(urls), chosen: [`MongoDB: ${mongodb.choice}`] }
}

/** Creates a user for each service in its MongoDB. Resolves with the address of each service. */
async function urlsWithUsers(stack: Stack, names: string[], serverOf: (name: string) => string) {
  const all = mongodbUsers(join(stack.folder, 'keys/mongodb.json'), names)
  return Promise.all(
    all.map(async users => {
      const server = serverOf(users.service)
      await ensureMongodbUsers(server, users)
      return [users.service, serviceUrl(server, users)]
    })
  )
}

/** Starts Redis stores and the event log. The event log always runs on its own server, because its users must be created. */
async function startRedisStores(stack: Stack, { userServers, launch }: StoresOptions): Promise<Stores> {
  const services = servicesOn(stack, 'redis')
  const stores = services.map(({ name, ports, state }) => ({
    name: `${name}-redis`,
    port: ports.store,
    folder: join(stack.folder, 'stores', `${name}.redis`),
    durable: state === 'records'
  }))
  const servers = [eventLogServer(stack), ...(userServers.redis ? [] : stores)]
  const choice = `Redis: redis-server ${redisVersion()}, one for the event log`
  const programs = servers.map(server => redisProgram(server, join(logsFolder(stack), `${server.name}.log`)))
  await Promise.all(programs.map(launch))
  if (userServers.redis) {
    const { urls, chosen } = await userRedis(userServers.redis, services)
    return { urls, chosen: [...chosen, choice] }
  }
  const urls = services.map(({ name, ports }) => [name, `redis://127.0.0.1:${ports.store}`])
  return { urls: Object.fromEntries(urls), chosen: [services.length > 0 ? `${choice} and one a service` : choice] }
}

/** Returns a message for each service that uses Redis now and still has earlier data in MongoDB. */
const abandonedStores = (stack: Stack) =>
  stack.services
    .filter(({ name, store }) => store === 'redis' && existsSync(join(stack.folder, 'stores', `${name}.mv`)))
    .map(({ name }) => `${name} uses Redis now and ignores its earlier data in MongoDB. To delete all data: make reset`)

/** The folder with the logs of services and stores. */
export const logsFolder = (stack: Stack) => join(stack.folder, 'logs')

const servicesOn = (stack: Stack, store: Service['store']) => stack.services.filter(service => service.store === store)
