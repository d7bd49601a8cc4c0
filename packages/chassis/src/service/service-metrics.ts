import type { Registry } from 'prom-client'
import { clientMetrics } from '../client/index.ts'
import { cacheRequests, defineGauge, type MetricDefinition, register } from '../core/index.ts'
import { consumerMetrics, expectEvents, logMetrics, publisherMetrics } from '../events/index.ts'
import { expectOperations, httpMetrics } from '../http/index.ts'
import { type Service, usesEventLog } from './definition.ts'
import { tracingMetrics } from './tracing.ts'

const buildInfo = defineGauge({
  name: 'bulkhead_build_info',
  help: 'Always 1. The label is the version of the service',
  labels: { version: 'the version in package.json' }
})

type Described = Pick<Service, 'manifest' | 'store' | 'operations' | 'events' | 'handles' | 'needs' | 'metrics'>

/** Returns the definitions of all metrics of a service, each once, without those of Node. */
export function metricsOf({
  store,
  events = [],
  handles = [],
  needs = [],
  metrics = []
}: Described): MetricDefinition[] {
  const all: MetricDefinition[] = [
    buildInfo,
    ...httpMetrics,
    ...tracingMetrics,
    cacheRequests,
    ...store.metrics,
    ...(needs.length > 0 ? clientMetrics : []),
    ...(usesEventLog({ events, handles }) ? logMetrics : []),
    ...(events.length > 0 ? publisherMetrics : []),
    ...(handles.length > 0 ? consumerMetrics : []),
    ...metrics
  ]
  return [...new Set(all)]
}

/** Registers all metrics of a service, with the values of their labels that its definition has. */
export function registerMetrics(service: Described, registry: Registry) {
  for (const metric of metricsOf(service)) register(registry, metric)
  register(registry, buildInfo).set({ version: service.manifest.version }, 1)
  expectOperations(registry, service.operations)
  const { events = [] } = service
  if (events.length > 0)
    expectEvents(
      registry,
      events.map(({ type }) => type)
    )
}
