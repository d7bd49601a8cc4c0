import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressVariable, type Service } from '@bulkhead/chassis/service'
import { contractOfService } from '@bulkhead/testing/contracts'
import { fakeService } from '@bulkhead/testing/fake-service'
import { httpServer } from '@bulkhead/testing/http-server'
import { mongoDatabase } from '@bulkhead/testing/mongo-database'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { definitionOf } from '../definitions.ts'

const SERVICES = join(import.meta.dirname, '../../services')

/** A service that runs as a process, on its own stores, with fakes in place of its targets. */
export type RunningService = {
  definition: Service
  /** Returns the text of a scrape. `accept` is the scrape's `Accept` header. */
  scrape(accept?: string): Promise<string>
  stop(): Promise<void>
}

/** Starts a service as a process. Its variables follow from its definition; any other required variable gets a long text. */
export async function runningService(name: string): Promise<RunningService> {
  const definition = await definitionOf(name)
  const parts = await openParts(definition)
  const program = join(SERVICES, name, 'src/main.ts')
  const child = serviceProcess(program, { ...unknownVariables(definition, parts.variables), ...parts.variables })
  await child.ready()
  const port = child.lines().find(({ msg }) => msg === 'ready')!.operationsPort
  return {
    definition,
    async scrape(accept = '') {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } })
      return answer.text()
    },
    async stop() {
      child.stop('SIGKILL')
      await child.ended
      await parts.close()
    }
  }
}

/** Opens the stores of a service, its fakes, and a folder for its files. */
async function openParts({ environment, needs = [] }: Service) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-metrics-'))
  const mongo = 'MONGODB_URL' in environment.shape ? await mongoDatabase() : undefined
  const redis = 'REDIS_URL' in environment.shape ? await redisDatabase() : undefined
  const log = await redisDatabase()
  const fakes = await Promise.all(
    needs.map(async need => [addressVariable(need.target), await fakeService(need)] as const)
  )
  for (const { target } of needs) writeFileSync(join(folder, target), 'token')
  const catalog = await httpServer((_, response) => response.end(JSON.stringify(contractOfService('catalog'))))
  const upstreams = join(folder, 'upstreams.json')
  writeFileSync(upstreams, JSON.stringify({ catalog: catalog.url }))
  return {
    variables: {
      SERVICE_TOKENS_DIR: folder,
      EVENT_LOG_URL: log.url,
      UPSTREAMS_FILE: upstreams,
      ...(mongo && { MONGODB_URL: mongo.url }),
      ...(redis && { REDIS_URL: redis.url }),
      ...Object.fromEntries(fakes.map(([variable, fake]) => [variable, fake.url]))
    } as Record<string, string>,
    async close() {
      await Promise.all([catalog.stop(), ...fakes.map(([, fake]) => fake.stop())])
      await Promise.all([mongo?.close(), redis?.close(), log.close()])
      rmSync(folder, { recursive: true })
    }
  }
}

/** Returns a text for each secret in the service's package.json, and for each other required variable that is not known. */
function unknownVariables({ environment, name }: Service, known: Record<string, string>): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(SERVICES, name, 'package.json'), 'utf8'))
  const secrets: string[] = manifest.bulkhead.secrets ?? []
  const required = Object.entries(environment.shape).filter(([, schema]) => !schema.safeParse(undefined).success)
  const names = [...secrets, ...required.map(([variable]) => variable)]
  const unknown = names.filter(variable => !(variable in known) && !/^(PEOPLE|SERVICES)_/.test(variable))
  return Object.fromEntries(unknown.map(variable => [variable, 'a text of this test '.repeat(4)]))
}
