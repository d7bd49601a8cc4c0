import type { Panel } from './panel.ts'
import { maxBy, ofService, quantile, rate, series, sumBy } from './queries.ts'

/** Processor time and the delay of the event loop of all services. */
export function runtimeByService(): Panel[] {
  return [
    {
      title: 'Processor time',
      description:
        'Cores that the replicas of a service use together. One Node process uses little more than one core: add replicas before each of them reaches it.',
      unit: 'short',
      queries: [{ expr: sumBy('service', rate('process_cpu_seconds_total')), legend: '{{service}}' }]
    },
    {
      title: 'Memory',
      description: 'Resident memory of the largest replica. If it grows for hours without load, take a heap snapshot.',
      unit: 'bytes',
      queries: [{ expr: maxBy('service', series('process_resident_memory_bytes')), legend: '{{service}}' }]
    },
    eventLoop([], 'service')
  ]
}

/** Node's own figures of one service, by replica. */
export function runtimeOf(service: string): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Processor time by replica',
      description:
        'Share of a core that each replica uses. Near 1, requests wait for the event loop: add replicas, or take a profile.',
      unit: 'percent',
      limit: { warning: 0.7, bad: 0.9 },
      queries: [{ expr: sumBy('instance', rate('process_cpu_seconds_total', own)), legend: '{{instance}}' }]
    },
    {
      title: 'Memory by replica',
      description:
        'Resident memory and used heap. If the heap grows for hours without load, take a heap snapshot. Kubernetes stops a pod at its limit.',
      unit: 'bytes',
      queries: [
        { expr: sumBy('instance', series('process_resident_memory_bytes', own)), legend: '{{instance}} resident' },
        { expr: sumBy('instance', series('nodejs_heap_size_used_bytes', own)), legend: '{{instance}} heap' }
      ]
    },
    eventLoop([own], 'instance'),
    {
      title: 'Garbage collection',
      description:
        'Share of time that a replica collects garbage. Above 10 % the heap is too small or something allocates too much.',
      unit: 'percent',
      limit: { warning: 0.05, bad: 0.1 },
      queries: [{ expr: sumBy('instance', rate('nodejs_gc_duration_seconds_sum', own)), legend: '{{instance}}' }]
    },
    {
      title: 'Slowest garbage collection',
      description: 'The time within which 99 % of the collections ended. Requests wait meanwhile.',
      unit: 'seconds',
      queries: [{ expr: quantile(0.99, 'kind', 'nodejs_gc_duration_seconds', own), legend: '{{kind}}' }]
    },
    {
      title: 'Open files and connections',
      description:
        'Open file descriptors of each replica, of which most are connections. If they only grow, connections leak.',
      unit: 'short',
      queries: [{ expr: sumBy('instance', series('process_open_fds', own)), legend: '{{instance}}' }]
    }
  ]
}

/** How many replicas answer, and since when. */
export function replicaNumbers(service: string): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Replicas',
      description:
        'Replicas that answer Prometheus. If one is missing, it is starting, stopped or hangs: `bulkhead status`.',
      kind: 'stat',
      unit: 'short',
      limit: { bad: 1, isBadBelow: true },
      queries: [{ expr: `count by (service) (${series('bulkhead_build_info', own)})`, legend: 'replicas' }]
    },
    {
      title: 'Youngest replica',
      description:
        'Time since the youngest replica started. If it is always short, replicas crash: look at the end of their logs.',
      kind: 'stat',
      unit: 'seconds',
      queries: [{ expr: `time() - ${maxBy('service', series('process_start_time_seconds', own))}`, legend: 'age' }]
    }
  ]
}

/** The versions that run now. */
export function versions(): Panel {
  return {
    title: 'Versions',
    description:
      'Replicas by service and version. During a rollout a service has two versions. If both stay, the rollout hangs: look at the Kubernetes rollouts.',
    kind: 'table',
    unit: 'short',
    queries: [{ expr: `count by (service, version) (${series('bulkhead_build_info')})`, legend: 'replicas' }]
  }
}

function eventLoop(matchers: string[], by: string): Panel {
  return {
    title: 'Delay of the event loop',
    description:
      'Delay of the slowest 1 % of timers. Node samples every 100 ms, so 0.1 s means no delay. Above, a long computation blocks all requests: take a profile.',
    unit: 'seconds',
    limit: { warning: 0.2, bad: 0.5 },
    queries: [{ expr: maxBy(by, series('nodejs_eventloop_lag_p99_seconds', ...matchers)), legend: `{{${by}}}` }]
  }
}
