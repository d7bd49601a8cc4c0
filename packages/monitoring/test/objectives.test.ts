import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OBJECTIVE_SECONDS, type Objective } from '@bulkhead/chassis/contract'
import { createApp } from '@bulkhead/chassis/http'
import { appDeps } from '@bulkhead/testing/app-deps'
import { until } from '@bulkhead/testing/until'
import { objectiveProblems } from '../src/objectives/check-objectives.ts'
import { DEFAULT_OBJECTIVES } from '../src/objectives/default-objectives.ts'
import type { MonitoredService } from '../src/objectives/monitored-service.ts'
import { readMonitoredServices } from '../src/objectives/read-monitored-services.ts'
import { requestGroups } from '../src/objectives/requests.ts'
import { ROOT } from './programs.ts'

const operation = (id: string, isTimed = true, isPublic = true) => ({ id, isTimed, isPublic })

const service = (name: string, more: Partial<MonitoredService> = {}): MonitoredService => ({
  name,
  store: 'mongodb',
  state: 'records',
  operations: [operation('getLamp'), operation('watchLamp', false), operation('checkLamp', true, false)],
  isGateway: false,
  objectives: DEFAULT_OBJECTIVES,
  ...more
})

const promising = (objective: Partial<Objective>) =>
  service('light', {
    objectives: {
      window: '30d',
      objectives: [{ name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 0.5 }, ...objective }]
    }
  })

const gatewayFor = (objective: Partial<Objective>) => ({
  ...promising(objective),
  name: 'gateway',
  operations: [],
  isGateway: true
})

const expressions = (...services: MonitoredService[]) =>
  requestGroups(services).flatMap(({ rules }) => rules.map(({ expr }) => expr))

describe('objectives', () => {
  it('of all services are right', async () => {
    const services = await readMonitoredServices(ROOT)
    assert.ok(services.length >= 8)
    assert.deepEqual(objectiveProblems(services), [])
  })

  it('name operations that exist, or the message lists the operations', () => {
    assert.deepEqual(objectiveProblems([promising({ operations: ['getLamps'] })]), [
      'services/light/src/slo.ts: objective all names getLamps, which is no operation. Choose from: checkLamp, getLamp, watchLamp'
    ])
  })

  for (const { objective, reason } of [
    { objective: { operations: ['watchLamp'] }, reason: 'names watchLamp, a stream or an upload' },
    { objective: { operations: [] }, reason: 'has an empty list of operations' },
    { objective: { availability: 1 }, reason: 'has availability 1. Give a share' },
    { objective: { latency: { share: 99, seconds: 0.5 as const } }, reason: 'has latency.share 99' },
    { objective: { latency: { share: 0.99, seconds: 0.3 as 0.5 } }, reason: 'has latency.seconds 0.3. Choose from' },
    { objective: { name: 'All' }, reason: 'must have a name of lower-case words' }
  ]) {
    it(`are refused if one ${reason}`, () => {
      assert.ok(
        objectiveProblems([promising(objective)])
          .join('\n')
          .includes(reason)
      )
    })
  }

  it('of the gateway are about the public operations of the services behind it', () => {
    const light = service('light')
    assert.deepEqual(objectiveProblems([light, gatewayFor({ operations: ['getLamp'] })]), [])
    const problems = objectiveProblems([light, gatewayFor({ operations: ['checkLamp'] })])
    assert.match(problems.join('\n'), /names checkLamp, which is no operation/)
  })

  it('without slo.ts are the default ones, and make rules like those of other services', () => {
    assert.ok(
      expressions(service('light')).includes('0.999 * group by (namespace) (last_over_time(up{service="light"}[1h]))')
    )
  })

  it('on the latency of all operations leave out streams and uploads', () => {
    const buckets = expressions(service('light')).filter(expr => expr.includes('_bucket{'))
    assert.equal(buckets.length, 4)
    for (const expr of buckets) assert.ok(expr.includes('operation!~"none|watchLamp"'), expr)
  })

  it('may name exactly the times at which the buckets of requests end', async () => {
    const deps = appDeps('light')
    const app = createApp({ ...deps, contract: {}, routers: [], storeProblem: error => error })
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const limits: number[] = []
    await until(async () => {
      const text = await deps.registry.metrics()
      const found = text.matchAll(/^bulkhead_request_duration_seconds_bucket\{.*le="([\d.]+)"/gm)
      limits.push(...[...found].map(([, limit]) => Number(limit)))
      return limits.length > 0
    })
    server.close()
    assert.deepEqual([...new Set(limits)], [...OBJECTIVE_SECONDS])
  })
})
