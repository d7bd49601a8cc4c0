import assert from 'node:assert/strict'
import { httpServer } from '@bulkhead/testing/http-server'
import { otlpReceiver } from '@bulkhead/testing/otlp-receiver'
import { recordingLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { BadConfiguration, readConfig, type ServiceConfig, serviceConfig } from '../src/core/config.ts'
import { isTracing, startSpan, useTracer } from '../src/core/tracing.ts'
import { startTracing } from '../src/service/tracing.ts'
import { sampled } from './traced.ts'

const REQUIRED = {
  PEOPLE_ISSUER: 'people',
  PEOPLE_JWKS: 'http://127.0.0.1:1/jwks',
  SERVICES_ISSUER: 'services',
  SERVICES_JWKS: 'http://127.0.0.1:1/jwks',
  SERVICES_NAMESPACE: 'shop'
}
const read = (variables: Record<string, string>): ServiceConfig =>
  readConfig(serviceConfig, { ...REQUIRED, ...variables })

describe('startTracing', () => {
  let receiver: Awaited<ReturnType<typeof otlpReceiver>>
  let registry: Registry
  let stop: () => Promise<void>
  let log: ReturnType<typeof recordingLog>
  beforeEach(async () => {
    receiver = await otlpReceiver()
    registry = new Registry()
    log = recordingLog()
  })
  afterEach(async () => {
    useTracer(undefined)
    await receiver.stop()
  })

  async function start(variables: Record<string, string>) {
    const service = { name: 'greeter', version: '1.2.3' }
    stop = await startTracing({ config: read(variables), service, log: log.log, registry })
  }
  const endSpan = () => startSpan({ name: 'greet', kind: 'internal', parent: sampled })!.end()
  async function count(outcome: string) {
    const { values } = await registry.getSingleMetric('bulkhead_spans_total')!.get()
    return values.find(({ labels }) => labels.outcome === outcome)!.value
  }

  it('sends the last spans when the service stops', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    endSpan()
    await stop()
    assert.deepEqual(
      receiver.spans.map(({ name, resource }) => ({ name, namespace: resource['service.namespace'] })),
      [{ name: 'greet', namespace: 'shop' }]
    )
    assert.equal(await count('exported'), 1)
  })

  for (const { title, variables } of [
    { title: 'an endpoint', variables: {} },
    { title: 'a value of the endpoint', variables: { OTEL_EXPORTER_OTLP_ENDPOINT: '' } },
    {
      title: 'permission, by OTEL_SDK_DISABLED',
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }
    }
  ]) {
    it(`traces nothing without ${title}, and shows its counters at 0`, async () => {
      await start(variables)
      assert.equal(isTracing(), false)
      for (const outcome of ['exported', 'failed', 'dropped']) assert.equal(await count(outcome), 0)
      await stop()
    })
  }

  it('logs one warning while the receiver refuses spans', async () => {
    receiver.status = 400
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    endSpan()
    await until(async () => (await count('failed')) === 1)
    endSpan()
    await stop()
    assert.equal(await count('failed'), 2)
    assert.deepEqual(
      log.lines.map(({ level, msg }) => ({ level, msg })),
      [{ level: 40, msg: `Spans cannot be sent to ${new URL(receiver.url).host}` }]
    )
  })

  it('stops before it gives up on a receiver that does not answer', async () => {
    const silent = await httpServer(() => undefined)
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: silent.url })
    endSpan()
    await stop()
    assert.equal(await count('failed'), 0)
    await silent.stop()
  })
})

describe('the variables of tracing', () => {
  it('sample a tenth of the new traces by default, and keep the decision of callers', () => {
    const { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = read({})
    assert.deepEqual(
      { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG },
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: 0.1 }
    )
  })

  it('have headers for the receiver', () => {
    const { OTEL_EXPORTER_OTLP_HEADERS } = read({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a, x-tenant = one'
    })
    assert.deepEqual(OTEL_EXPORTER_OTLP_HEADERS, { authorization: 'Bearer a', 'x-tenant': 'one' })
  })

  for (const [name, value] of [
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'hidden'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '10']
  ] as const) {
    it(`refuse a wrong value of ${name}, without showing it`, () =>
      assert.throws(
        () => read({ [name]: value }),
        (error: unknown) =>
          error instanceof BadConfiguration &&
          error.problems[0]!.startsWith(`${name}: `) &&
          !error.message.includes('hidden')
      ))
  }
})
