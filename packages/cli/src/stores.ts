import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './daemon.ts'
import { eventLogServer } from './event-log.ts'
import { givenMongodb, givenRedis } from './given-stores.ts'
import { mongodbServers } from './mongodb-servers.ts'
import { ensureMongodbUsers, mongodbUsers, serviceUrl } from './mongodb-users.ts'
import { redisProgram, redisVersion } from './redis-server.ts'
import type { Service, Stack } from './stack.ts'

export type StoresOptions = {
  /** URLs of servers of the user's own, to be used in place of private ones. */
  given: { mongodb?: string | undefined; redis?: string | undefined }
  say: (line: string) => void
  /** Starts a store and resolves when it answers. */
  launch: (program: Program) => Promise<unknown>
}

/** `urls` has the store of each service that has one; `chosen` says, a line for each kind, which server that is. */
export type Stores = { urls: Record<string, string>; chosen: string[] }

/** Starts the stores of a stack, one a service, and the event log. Resolves when all of them answer. */
export async function startStores(stack: Stack, options: StoresOptions): Promise<Stores> {
  for (const line of leftStores(stack)) options.say(line)
  const [mongodb, redis] = await Promise.all([startMongodbStores(stack, options), startRedisStores(stack, options)])
  return { urls: { ...mongodb.urls, ...redis.urls }, chosen: [...mongodb.chosen, ...redis.chosen] }
}

async function startMongodbStores(stack: Stack, { given, say, launch }: StoresOptions): Promise<Stores> {
  const services = servicesOn(stack, 'mongodb')
  if (services.length === 0) return { urls: {}, chosen: [] }
  if (given.mongodb) return givenMongodb(given.mongodb, services)
  const servers = services.map(({ name, ports }) => ({ name, port: ports.store }))
  const folder = join(stack.folder, 'stores')
  const options = { root: stack.root, folder, logs: logsOf(stack), servers, needsUsers: true, say }
  const mongodb = await mongodbServers(options)
  await Promise.all(mongodb.programs.map(launch))
  const names = services.map(({ name }) => name)
  const serverOf = (name: string) => mongodb.urls[name]!
  const urls = mongodb.hasUsers
    ? await urlsWithUsers(stack, names, serverOf)
    : names.map(name => [name, `${serverOf(name)}/${name}`])
  return { urls: Object.fromEntries(urls), chosen: [`MongoDB: ${mongodb.choice}`] }
}

/** Gives each service a user of its own in its MongoDB. Resolves with the address that each uses. */
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

/** The event log is always a private one: its users are ours to make. */
async function startRedisStores(stack: Stack, { given, launch }: StoresOptions): Promise<Stores> {
  const services = servicesOn(stack, 'redis')
  const stores = services.map(({ name, ports, state }) => ({
    name: `${name}-redis`,
    port: ports.store,
    folder: join(stack.folder, 'stores', `${name}.redis`),
    durable: state === 'records'
  }))
  const servers = [eventLogServer(stack), ...(given.redis ? [] : stores)]
  const choice = `Redis: redis-server ${redisVersion()}, one for the event log`
  await Promise.all(servers.map(server => launch(redisProgram(server, join(logsOf(stack), `${server.name}.log`)))))
  if (given.redis) {
    const { urls, chosen } = await givenRedis(given.redis, services)
    return { urls, chosen: [...chosen, choice] }
  }
  const urls = services.map(({ name, ports }) => [name, `redis://127.0.0.1:${ports.store}`])
  return { urls: Object.fromEntries(urls), chosen: [services.length > 0 ? `${choice} and one a service` : choice] }
}

/** What services kept in stores of another kind than theirs is by now. */
const leftStores = (stack: Stack) =>
  stack.services
    .filter(({ name, store }) => store === 'redis' && existsSync(join(stack.folder, 'stores', `${name}.mv`)))
    .map(
      ({ name }) =>
        `${name} keeps its data in Redis by now: what it had in MongoDB is not read. To begin anew: make reset`
    )

/** Where services and stores write what they have to say. */
export const logsOf = (stack: Stack) => join(stack.folder, 'logs')

const servicesOn = (stack: Stack, store: Service['store']) => stack.services.filter(service => service.store === store)
