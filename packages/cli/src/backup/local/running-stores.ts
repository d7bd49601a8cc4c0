import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startDaemon } from '../../processes/daemon.ts'
import { beginRun, isRunning } from '../../runner/run.ts'
import type { Service, Stack } from '../../services/stack.ts'
import { mongodbUsers, serviceUrl } from '../../stores/mongodb-users.ts'
import { startStores } from '../../stores/stores.ts'
import { userMongodb, userRedis } from '../../stores/user-stores.ts'

type UserServers = { mongodb?: string | undefined; redis?: string | undefined }

/** Returns the user's own servers, which replace those of the stack. */
export const userServersOf = ({ MONGODB_URL, REDIS_URL }: NodeJS.ProcessEnv): UserServers => ({
  mongodb: MONGODB_URL || undefined,
  redis: REDIS_URL || undefined
})

/**
 * Calls `use` with the addresses of the services' stores. If the stack does not run, starts these stores and the event log for the time of
 * the call; the stack cannot be started meanwhile.
 */
export async function withStores<Result>(
  stack: Stack,
  services: Service[],
  userServers: UserServers,
  use: (urls: Record<string, string>) => Promise<Result>
): Promise<Result> {
  if (isRunning(stack)) return use(await urlsOfRunning(stack, services, userServers))
  const say = (line: string) => console.log(line)
  const run = await beginRun(stack, say)
  try {
    const { urls } = await startStores(
      { ...stack, services },
      {
        userServers,
        say,
        launch: program => startDaemon(program, identity => run.add('stores', identity))
      }
    )
    return await use(urls)
  } finally {
    await run.end()
  }
}

/** Returns the addresses that `startStores` gave the services of a running stack. */
async function urlsOfRunning(stack: Stack, services: Service[], userServers: UserServers) {
  const on = (store: Service['store']) => services.filter(service => service.store === store)
  const own = (service: Service) => [service.name, ownUrl(stack, service)]
  const mongodb = userServers.mongodb
    ? (await userMongodb(userServers.mongodb, on('mongodb'))).urls
    : Object.fromEntries(on('mongodb').map(own))
  const redis = userServers.redis
    ? (await userRedis(userServers.redis, on('redis'))).urls
    : Object.fromEntries(on('redis').map(own))
  return { ...mongodb, ...redis }
}

function ownUrl(stack: Stack, { name, store, ports }: Service): string {
  if (store === 'redis') return `redis://127.0.0.1:${ports.store}`
  const server = `mongodb://127.0.0.1:${ports.store}`
  const users = join(stack.folder, 'keys/mongodb.json')
  if (!existsSync(users)) return `${server}/${name}`
  const [own] = mongodbUsers(users, [name])
  return serviceUrl(server, own!)
}
