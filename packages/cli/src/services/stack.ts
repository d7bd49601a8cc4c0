import { chmodSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { Failure } from '../failure.ts'

/** One service, as its package.json describes it, with its ports in this stack. */
export type Service = {
  name: string
  version: string
  store: 'mongodb' | 'redis' | 'none'
  state: 'none' | 'cache' | 'records'
  /** The names of variables with secret values. Services that list the same name share its value. */
  secrets: string[]
  ports: { api: number; operations: number; store: number }
}

/** The stack of a repository on this machine. */
export type Stack = {
  /** The folder of the repository. */
  root: string
  portBase: number
  /** The folder for everything that a run writes: data, keys, bundles, logs and the record of the run. */
  folder: string
  services: Service[]
  eventLogPort: number
}

/** PORT_BASE, unless the user sets it. */
export const USUAL_PORT_BASE = 4000
/** The highest offset of a service's port from `PORT_BASE`. The ports from 290 on belong to `observe` and to the event log. */
export const HIGHEST_OFFSET = 89

/** Ports from 1024 on that browsers and `fetch` refuse (Fetch Standard, section 2.9). */
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080
])

/** Returns whether nobody can call a port of this machine with a browser or with `fetch`. */
export const isBadPort = (port: number) => BAD_PORTS.has(port)

/**
 * Reads the services of a repository. Fails if the folder is not a checkout of Bulkhead, if a package.json has no valid `bulkhead` entry,
 * or if two services have the same port.
 */
export function readStack(root: string, portBase: number): Stack {
  if (!existsSync(join(root, 'packages/chassis'))) {
    throw new Failure(`${root} is not a checkout of Bulkhead: it has no packages/chassis`, 'Give a different --root')
  }
  const files = globSync('services/*/package.json', { cwd: root })
  const services = files
    .map(file => readService(join(root, file), portBase))
    .sort((one, other) => one.ports.api - other.ports.api)
  const twin = services.find((service, index) => service.ports.api === services[index + 1]?.ports.api)
  if (twin)
    throw new Failure(`two services have the port of ${twin.name}`, 'Change "bulkhead.port" in one package.json')
  for (const { name, ports } of services) {
    const bad = [ports.api, ports.operations].find(isBadPort)
    if (bad) throw new Failure(`${name} has the port ${bad}, which browsers refuse`, 'Choose a different PORT_BASE')
  }
  const folder = join(root, '.data', portBase === USUAL_PORT_BASE ? '' : String(portBase))
  return { root, portBase, folder, services, eventLogPort: portBase + 299 }
}

/** The stacks that a repository has data of, each of its own PORT_BASE. */
export function keptStacks(root: string): Stack[] {
  const folders = globSync('.data/{,*/}stores', { cwd: root }).map(place => basename(dirname(place)))
  const portBases = folders.map(folder => (folder === '.data' ? USUAL_PORT_BASE : Number(folder)))
  return portBases.filter(Number.isInteger).map(portBase => readStack(root, portBase))
}

/** Makes the folder of a stack one of this user alone: it has data, keys and passwords. */
export function makeFolder({ folder }: Stack) {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
}

/** Parses PORT_BASE, the first of the 300 ports of a stack. Fails unless it is a number from 1024 to 65000. */
export function parsePortBase(text: string | undefined): number {
  const portBase = Number(text || USUAL_PORT_BASE)
  if (Number.isInteger(portBase) && portBase >= 1024 && portBase <= 65_000) return portBase
  throw new Failure(`PORT_BASE is "${text}"`, `Give a number from 1024 to 65000, such as ${USUAL_PORT_BASE}`)
}

/** Returns the URL of a port of this machine. */
export const localUrl = (port: number) => `http://127.0.0.1:${port}`

function readService(file: string, portBase: number): Service {
  const { name = '', version = '', bulkhead = {} } = JSON.parse(readFileSync(file, 'utf8'))
  const { port, store, state, secrets = [] } = bulkhead
  const right =
    Number.isInteger(port) &&
    port >= 0 &&
    port <= HIGHEST_OFFSET &&
    ['mongodb', 'redis', 'none'].includes(store) &&
    ['none', 'cache', 'records'].includes(state)
  if (!right) {
    const example = '"bulkhead": { "port": 7, "store": "mongodb", "state": "records" }'
    throw new Failure(
      `${relative(dirname(dirname(dirname(file))), file)} has no valid "bulkhead" entry`,
      `Example: ${example}`
    )
  }
  const ports = { api: portBase + port, operations: portBase + 100 + port, store: portBase + 200 + port }
  return { name: name.replace('@bulkhead/', ''), version, store, state, secrets, ports }
}
