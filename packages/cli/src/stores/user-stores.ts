import { Failure } from '../failure.ts'
import { ask } from '../processes/ports.ts'
import type { Service } from '../services/stack.ts'
import type { Stores } from './stores.ts'

/** Gives each service a database on the user's MongoDB server, by replacing the path of `url`. Fails if nothing listens there. */
export async function userMongodb(url: string, services: Service[]): Promise<Stores> {
  await requireListener('MONGODB_URL', url, 27017)
  const urls = services.map(({ name }) => [name, replacePath(url, `bulkhead-${name}`)])
  return { urls: Object.fromEntries(urls), chosen: [`MongoDB: the server of MONGODB_URL (${hostOf(url)})`] }
}

/** Gives each service a database on the user's Redis server. Its number is the service's port offset. Fails if nothing listens there. */
export async function userRedis(url: string, services: Service[]): Promise<Stores> {
  await requireListener('REDIS_URL', url, 6379)
  const urls = services.map(({ name, ports }) => [name, replacePath(url, String(ports.api % 100))])
  return { urls: Object.fromEntries(urls), chosen: [`Redis: the server of REDIS_URL (${hostOf(url)})`] }
}

async function requireListener(variable: string, url: string, defaultPort: number) {
  const { hostname, port, protocol } = parse(variable, url)
  if (protocol === 'mongodb+srv:') return // the driver finds the hosts by DNS
  if ((await ask(Number(port || defaultPort), '', hostname)) !== undefined) return
  throw new Failure(
    `nothing answers at ${variable} (${hostOf(url)})`,
    `Start it, or unset ${variable} for a private server`
  )
}

function parse(variable: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new Failure(
    `${variable} is not a URL with one host`,
    'Examples: mongodb://127.0.0.1:27017 and redis://127.0.0.1:6379'
  )
}

function replacePath(url: string, path: string): string {
  const replaced = new URL(url)
  replaced.pathname = `/${path}`
  return replaced.href
}

/** Returns the host and the port of a URL, without user and password. */
const hostOf = (url: string) => new URL(url).host
