import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'

const MANAGEMENT_PORT = 9_090

/** Reads the metrics of a service's pod, as Prometheus does. Rejects if the pod has no metrics. */
export const readMetrics = ({ kubectl, namespace }: Cluster, pod: string): Promise<string> =>
  kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:${MANAGEMENT_PORT}/proxy/metrics`])

/** Returns the sum of a metric over all lines with these labels. */
export function sumOf(metrics: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return metrics
    .split('\n')
    .map(line => /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [])
    .filter(([, found, has = '']) => found === name && wanted.every(each => has.split(',').includes(each)))
    .reduce((sum, [, , , value]) => sum + Number(value), 0)
}
