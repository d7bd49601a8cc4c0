import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ServiceObjectives } from '@bulkhead/chassis/contract'
import { DEFAULT_OBJECTIVES } from './default-objectives.ts'
import type { MonitoredOperation, MonitoredService } from './monitored-service.ts'

type Media = { content?: Record<string, unknown> }
type Described = {
  operationId: string
  'x-callers'?: string[]
  requestBody?: Media
  responses: Record<string, Media>
}

const PEOPLE = ['public', 'customer', 'staff']
const GATEWAY = 'gateway'

/**
 * Reads the services of a repository, by name: package.json, openapi.json and, if there is one, src/slo.ts. Rejects if a slo.ts has no
 * `slo`.
 */
export async function readMonitoredServices(root: string): Promise<MonitoredService[]> {
  const folders = globSync('services/*/package.json', { cwd: root }).map(file => join(root, dirname(file)))
  return Promise.all(folders.sort().map(readService))
}

async function readService(folder: string): Promise<MonitoredService> {
  const name = basename(folder)
  const { bulkhead = {} } = readJson(join(folder, 'package.json'))
  return {
    name,
    store: bulkhead.store ?? 'none',
    state: bulkhead.state ?? 'none',
    operations: operationsIn(join(folder, 'openapi.json')),
    isGateway: name === GATEWAY,
    objectives: await objectivesIn(join(folder, 'src/slo.ts'))
  }
}

async function objectivesIn(file: string): Promise<ServiceObjectives> {
  if (!existsSync(file)) return DEFAULT_OBJECTIVES
  const { slo } = (await import(pathToFileURL(file).href)) as { slo?: ServiceObjectives }
  if (!slo) throw new Error(`${file} exports no slo`)
  return slo
}

function operationsIn(file: string): MonitoredOperation[] {
  if (!existsSync(file)) return []
  const { paths } = readJson(file) as { paths: Record<string, Record<string, Described>> }
  return Object.values(paths).flatMap(methods => Object.values(methods).map(monitored))
}

function monitored({ operationId, requestBody, responses, ...described }: Described): MonitoredOperation {
  const bodies = Object.keys(requestBody?.content ?? {})
  const isUpload = bodies.length > 0 && !bodies.some(type => type.endsWith('json'))
  const isStream = 'text/event-stream' in (responses['200']?.content ?? {})
  return {
    id: operationId,
    isTimed: !isUpload && !isStream,
    isPublic: (described['x-callers'] ?? []).some(caller => PEOPLE.includes(caller))
  }
}

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
