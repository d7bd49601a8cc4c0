import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/**
 * The interval (ms) of the timer that measures the delay of the event loop. The figures include the interval: 100 ms means no delay. Node's
 * default of 10 ms costs an idle process half a per cent of a core.
 */
const DELAY_SAMPLE_MS = 100

/** Creates a registry with Node's own metrics. No metric has a label for the service, because Prometheus adds one. */
export function serviceMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: DELAY_SAMPLE_MS })
  return registry
}

/** The fields that all kinds of metrics share. `Label` is the union of the names of its labels. */
type Described<Label extends string> = {
  /** The name. Its ending is the unit: `_seconds`, `_bytes` or none, followed by `_total` for a counter. */
  name: string
  /** The meaning, in one line. */
  help: string
  /** The values of each label if they are few and known, otherwise a description of the values. */
  labels?: Record<Label, readonly string[] | string>
}

/** The definition of a metric that only rises. */
export type CounterDefinition<Label extends string = string> = Described<Label> & { type: 'counter' }

/** The definition of a metric that rises and falls. */
export type GaugeDefinition<Label extends string = string> = Described<Label> & { type: 'gauge' }

/** The definition of a distribution. */
export type HistogramDefinition<Label extends string = string> = Described<Label> & {
  type: 'histogram'
  /** The upper bounds of the buckets, in the unit of the metric. */
  buckets: number[]
  /** True if an observation may have the ID of its trace. */
  hasExemplars?: boolean
}

/** The definition of a metric. It is data: it exists without a registry, so that documentation can be generated from it. */
export type MetricDefinition<Label extends string = string> =
  | CounterDefinition<Label>
  | GaugeDefinition<Label>
  | HistogramDefinition<Label>

/** Defines a counter. */
export const defineCounter = <Label extends string = never>(counter: Described<Label>): CounterDefinition<Label> => ({
  ...counter,
  type: 'counter'
})

/** Defines a gauge. */
export const defineGauge = <Label extends string = never>(gauge: Described<Label>): GaugeDefinition<Label> => ({
  ...gauge,
  type: 'gauge'
})

/** Defines a histogram. */
export const defineHistogram = <Label extends string = never>(
  histogram: Omit<HistogramDefinition<Label>, 'type'>
): HistogramDefinition<Label> => ({ ...histogram, type: 'histogram' })

/** Values of labels that become known when a process runs, such as the names of its targets. */
type KnownValues<Label extends string> = Partial<Record<Label, readonly (string | number)[]>>

/**
 * Registers a metric, or returns the registered one. A counter or a histogram then exists at 0 for each combination of its labels' values,
 * if all values are known from the definition and from `known`. So `rate()` and `increase()` see the first event. Call it again for values
 * that become known later.
 */
export function register<L extends string>(
  registry: Registry,
  definition: CounterDefinition<L>,
  known?: KnownValues<L>
): Counter<L>
export function register<L extends string>(registry: Registry, definition: GaugeDefinition<L>): Gauge<L>
export function register<L extends string>(
  registry: Registry,
  definition: HistogramDefinition<L>,
  known?: KnownValues<L>
): Histogram<L>
export function register(registry: Registry, definition: MetricDefinition): Counter | Gauge | Histogram
export function register(registry: Registry, definition: MetricDefinition, known: KnownValues<string> = {}) {
  const { name, labels = {} } = definition
  const metric = registry.getSingleMetric(name) ?? create(registry, definition)
  const combinations = combine({ ...labels, ...(known as Record<string, readonly string[]>) })
  if (metric instanceof Counter) for (const each of combinations) metric.inc(each, 0)
  if (metric instanceof Histogram) for (const each of combinations) startAtZero(metric, each)
  return metric
}

function create(registry: Registry, definition: MetricDefinition): Counter | Gauge | Histogram {
  const { name, help, labels = {} } = definition
  const options = { name, help, labelNames: Object.keys(labels), registers: [registry] }
  if (definition.type === 'counter') return new Counter(options)
  if (definition.type === 'gauge') return new Gauge({ ...options, collect: () => measureNow(registry, name) })
  const { buckets, hasExemplars: enableExemplars = false } = definition
  const histogram = new Histogram({ ...options, buckets, enableExemplars, registers: [] })
  // The constructor would refuse exemplars in this registry, whose own format has none.
  registry.registerMetric(histogram)
  return histogram
}

/** Returns each combination of the labels' values; none if a label's values are not known. */
function combine(labels: Record<string, readonly (string | number)[] | string>): Record<string, string | number>[] {
  return Object.entries(labels).reduce<Record<string, string | number>[]>(
    (combinations, [label, values]) =>
      typeof values === 'string'
        ? []
        : combinations.flatMap(others => values.map(value => ({ ...others, [label]: value }))),
    [{}]
  )
}

const atZero = new WeakMap<Histogram, Set<string>>()

/** Adds a combination of labels at 0, unless it was added before. */
function startAtZero(histogram: Histogram, labels: Record<string, string | number>) {
  const added = atZero.get(histogram) ?? new Set()
  atZero.set(histogram, added)
  const key = Object.values(labels).join('\n')
  if (!added.has(key)) histogram.zero(labels)
  added.add(key)
}

/** Updates a gauge at a scrape. */
type Measurement = () => Promise<void> | void

const measurements = new WeakMap<Registry, Map<string, Measurement[]>>()

/** Registers a gauge, and calls `measure` with it at each scrape. The scrape waits for it. */
export function measureAtScrape<L extends string>(
  registry: Registry,
  definition: GaugeDefinition<L>,
  measure: (gauge: Gauge<L>) => Promise<void> | void
) {
  const gauge = register(registry, definition)
  const byName = measurements.get(registry) ?? new Map<string, Measurement[]>()
  measurements.set(registry, byName)
  byName.set(definition.name, [...(byName.get(definition.name) ?? []), () => measure(gauge)])
}

async function measureNow(registry: Registry, name: string) {
  await Promise.all((measurements.get(registry)?.get(name) ?? []).map(measure => measure()))
}
