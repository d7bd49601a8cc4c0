import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type DocumentedMetric, documentedMetrics } from './metrics-page.ts'

/** What a service's package.json, contract.json and openapi.json say about its metrics. */
export type ServiceFacts = {
  name: string
  description: string
  store: 'mongodb' | 'redis' | 'none'
  /** The services that it calls. */
  targets: string[]
  publishesEvents: boolean
  /** The services that handle its events. */
  subscribers: string[]
  handlesEvents: boolean
  /** The IDs of its operations whose answers stay open. */
  streams: string[]
  /** The metrics that only this service has. */
  ownMetrics: DocumentedMetric[]
}

type Manifest = { description: string; bulkhead: { store: ServiceFacts['store'] } }
/** A contract that somebody writes by hand may lack parts. */
type Contract = { provides?: { events?: { type: string }[] }; needs?: Record<string, object>; handles?: string[] }
type Operation = { operationId?: string; responses?: Record<string, { content?: Record<string, object> }> }
type OpenApi = { paths: Record<string, Record<string, Operation>> }

/** Reads the services of a repository, by name. A folder without a contract is not a service yet, and is left out. */
export function readServices(root: string): ServiceFacts[] {
  const folders = globSync('services/*/contract.json', { cwd: root }).map(dirname).sort()
  const contracts = new Map(folders.map(folder => [basename(folder), contractIn(join(root, folder))]))
  const metrics = readMetrics(root)
  return folders.map(folder => readService(join(root, folder), contracts, metrics))
}

function readService(folder: string, contracts: Map<string, Contract>, metrics: DocumentedMetric[]): ServiceFacts {
  const name = basename(folder)
  const { description, bulkhead }: Manifest = readJson(join(folder, 'package.json'))
  const { provides: { events = [] } = {}, needs = {}, handles = [] } = contracts.get(name)!
  const { paths } = openApiIn(join(folder, 'openapi.json'))
  return {
    name,
    description,
    store: bulkhead.store,
    targets: Object.keys(needs).sort(),
    publishesEvents: events.length > 0,
    subscribers: subscribersOf(events, contracts),
    handlesEvents: handles.length > 0,
    streams: Object.values(paths)
      .flatMap(path => Object.values(path).flatMap(streamIds))
      .sort(),
    ownMetrics: metrics.filter(({ service }) => service === name)
  }
}

function subscribersOf(events: { type: string }[], contracts: Map<string, Contract>): string[] {
  const types = events.map(({ type }) => type)
  return [...contracts]
    .filter(([, { handles = [] }]) => handles.some(type => types.includes(type)))
    .map(([name]) => name)
}

const openApiIn = (file: string): OpenApi => (existsSync(file) ? readJson(file) : { paths: {} })

const contractIn = (folder: string): Contract => readJson(join(folder, 'contract.json'))

/** Reads the metrics in docs/metrics.md. None in a repository without that page. */
export function readMetrics(root: string): DocumentedMetric[] {
  const file = join(root, 'docs/metrics.md')
  return existsSync(file) ? documentedMetrics(readFileSync(file, 'utf8')) : []
}

/** Returns the ID of an operation if one of its answers is a stream of events. */
function streamIds({ operationId, responses = {} }: Operation): string[] {
  const isStream = Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content)
  return isStream && operationId !== undefined ? [operationId] : []
}

function readJson<Shape>(file: string): Shape {
  return JSON.parse(readFileSync(file, 'utf8'))
}
