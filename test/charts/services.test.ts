import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { definitionOf } from '../definitions.ts'
import { needHelm, ofKind, readJson, render, SERVICES, type Variable } from './render.ts'

const SECRETS: Record<string, string> = {
  MONGODB_URL: 'mongodb://user:password@store:27017/db',
  REDIS_URL: 'redis://user:password@store:6379',
  EVENT_LOG_URL: 'redis://user:password@event-log:6379'
}

/** Returns the environment of the process, with invented values in place of Secrets. */
const environmentOf = (variables: Variable[]) =>
  Object.fromEntries(
    variables.map(({ name, value, valueFrom }) => [
      name,
      valueFrom?.fieldRef ? 'bulkhead' : valueFrom ? (SECRETS[name] ?? 'x'.repeat(32)) : value
    ])
  )

describe('charts of services', () => {
  before(needHelm)

  for (const service of SERVICES) {
    it(`${service} has every required variable, and no variable that the service does not read`, async () => {
      const { containers } = ofKind(await render(service), 'Deployment').spec.template!.spec
      const environment = environmentOf(containers[0].env!)
      const { environment: schema } = await definitionOf(service)
      const { error } = schema.safeParse(environment)
      assert.equal(error, undefined, error?.message)
      const known = Object.keys(schema.shape)
      assert.deepEqual(
        Object.keys(environment).filter(name => !known.includes(name)),
        []
      )
    })

    it(`${service} sends traces to the receiver of its values, and only then`, async () => {
      const tracing = ['tracing.endpoint="http://otel-collector:4318"', 'tracing.ratio=0.5']
      const variablesOf = async (...values: string[]) =>
        environmentOf(ofKind(await render(service, ...values), 'Deployment').spec.template!.spec.containers[0].env!)
      const { environment: schema } = await definitionOf(service)
      const settings = schema.parse(await variablesOf(...tracing))
      assert.equal(settings.OTEL_EXPORTER_OTLP_ENDPOINT, 'http://otel-collector:4318')
      assert.equal(settings.OTEL_TRACES_SAMPLER_ARG, 0.5)
      assert.ok(!('OTEL_EXPORTER_OTLP_ENDPOINT' in (await variablesOf())))
    })

    it(`${service} has a token for each service that it calls, and for no other service`, async () => {
      const { volumes = [], containers } = ofKind(await render(service), 'Deployment').spec.template!.spec
      const targets = Object.keys(readJson(`services/${service}/contract.json`).needs).sort()
      const sources = volumes.find(({ name }) => name === 'tokens')?.projected?.sources ?? []
      assert.deepEqual(
        sources,
        targets.map(path => ({ serviceAccountToken: { path, audience: path, expirationSeconds: 3600 } }))
      )
      const mount = containers[0].volumeMounts!.find(({ name }) => name === 'tokens')
      assert.equal(mount?.mountPath, targets.length > 0 ? '/var/run/bulkhead/tokens' : undefined)
    })

    it(`${service} keeps its contract in a ConfigMap named by its digest`, async () => {
      const contract = readJson(`services/${service}/contract.json`)
      const { metadata, data } = ofKind(await render(service), 'ConfigMap')
      assert.equal(
        metadata.name,
        `${service}-contract-${contract.digest.slice('sha256:'.length, 'sha256:'.length + 12)}`
      )
      const { digest, ...content } = JSON.parse(data!['contract.json']!)
      assert.deepEqual({ digest, ...content }, contract)
      const files = {
        'openapi.json': readJson(`services/${service}/openapi.json`),
        'contract.json': { ...contract, digest: '' }
      }
      assert.equal(digest, `sha256:${createHash('sha256').update(JSON.stringify(files)).digest('hex')}`)
    })
  }
})
