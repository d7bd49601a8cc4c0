import { chmodSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Failure } from '../failure.ts'

/** One service, as its package.json tells it. Ports are those of this stack. */
export type Service = {
  name: string
  version: string
  store: 'mongodb' | 'redis' | 'none'
  state: 'none' | 'cache' | 'records'
  /** Variables whose values nobody else may know. Services that name the same one share its value. */
  secrets: string[]
  ports: { api: number; operations: number; store: number }
}

/** The stack of one repository, as it runs on this machine. */
export type Stack = {
  /** The repository. */
  root: string
  portBase: number
  /** All that running leaves behind: data, keys, bundles, logs, the record of the run. */
  folder: string
  services: Service[]
  eventLogPort: number
}

const USUAL_PORT_BASE = 4000
/** The ports of services are `PORT_BASE` and so many after it. */
export const HIGHEST_OFFSET = 98

/**
 * Reads the services of a repository. Fails for a folder that is no checkout of Bulkhead, and with the file when a package.json lacks its
 * `bulkhead` entry or two take the same port.
 */
export function readStack(root: string, portBase: number): Stack {
  if (!existsSync(join(root, 'packages/chassis'))) {
    throw new Failure(`${root} is no checkout of Bulkhead: it has no packages/chassis`, 'Give another --root')
  }
  const files = globSync('services/*/package.json', { cwd: root })
  const services = files
    .map(file => readService(join(root, file), portBase))
    .sort((one, other) => one.ports.api - other.ports.api)
  const twin = services.find((service, index) => service.ports.api === services[index + 1]?.ports.api)
  if (twin)
    throw new Failure(`two services have the port of ${twin.name}`, 'Change "bulkhead.port" in one package.json')
  const folder = join(root, '.data', portBase === USUAL_PORT_BASE ? '' : String(portBase))
  return { root, portBase, folder, services, eventLogPort: portBase + 299 }
}

/** Makes the folder of a stack one of this user alone: it has data, keys and passwords. */
export function makeFolder({ folder }: Stack) {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
}

/** The first of the 300 ports of a stack, from the text of PORT_BASE. Fails for what is not a port that leaves room for them. */
export function parsePortBase(text: string | undefined): number {
  const portBase = Number(text || USUAL_PORT_BASE)
  if (Number.isInteger(portBase) && portBase >= 1024 && portBase <= 65_000) return portBase
  throw new Failure(`PORT_BASE is "${text}"`, `Give a number from 1024 to 65000, such as ${USUAL_PORT_BASE}`)
}

/** The address of a port of this machine. */
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
      `${relative(dirname(dirname(dirname(file))), file)} has no right "bulkhead" entry`,
      `Give it one, such as ${example}`
    )
  }
  const ports = { api: portBase + port, operations: portBase + 100 + port, store: portBase + 200 + port }
  return { name: name.replace('@bulkhead/', ''), version, store, state, secrets, ports }
}
