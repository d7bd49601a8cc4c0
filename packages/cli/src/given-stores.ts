import { Failure } from './failure.ts'
import { ask } from './ports.ts'
import type { Service } from './stack.ts'

type Given = { urls: Record<string, string>; chosen: string[] }

/** A database for each service on the MongoDB server of a URL (its path is replaced). Fails when nothing listens there. */
export async function givenMongodb(url: string, services: Service[]): Promise<Given> {
  await mustListen('MONGODB_URL', url, 27017)
  const urls = services.map(({ name }) => [name, replacePath(url, `bulkhead-${name}`)])
  return { urls: Object.fromEntries(urls), chosen: [`MongoDB: the one of MONGODB_URL (${placeOf(url)})`] }
}

/** A numbered database for each service on the Redis server of a URL: the number is the service's port offset. Fails when nothing listens there. */
export async function givenRedis(url: string, services: Service[]): Promise<Given> {
  await mustListen('REDIS_URL', url, 6379)
  const urls = services.map(({ name, ports }) => [name, replacePath(url, String(ports.api % 100))])
  return { urls: Object.fromEntries(urls), chosen: [`Redis: the one of REDIS_URL (${placeOf(url)})`] }
}

async function mustListen(variable: string, url: string, usualPort: number) {
  const { hostname, port, protocol } = parse(variable, url)
  if (protocol === 'mongodb+srv:') return // names no host; the driver asks DNS
  if ((await ask(Number(port || usualPort), '', hostname)) !== undefined) return
  throw new Failure(
    `nothing answers at ${variable} (${placeOf(url)})`,
    `Start it, or unset ${variable} for a private server`
  )
}

function parse(variable: string, url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new Failure(
    `${variable} is not a URL with one host`,
    'Give one such as mongodb://127.0.0.1:27017 or redis://127.0.0.1:6379'
  )
}

function replacePath(url: string, path: string): string {
  const replaced = new URL(url)
  replaced.pathname = `/${path}`
  return replaced.href
}

/** Without user and password, to be shown. */
const placeOf = (url: string) => new URL(url).host
