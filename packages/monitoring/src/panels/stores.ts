import type { Panel } from './panel.ts'
import { maxBy, ofService, quantile, rate, series, share, sumBy } from './queries.ts'

const COMMANDS = 'bulkhead_store_command_duration_seconds'
/** Only the stores of services: each service also sends commands to the event log. */
const STORES = 'store!="event-log"'

const commands = (by: string, ...matchers: string[]) => sumBy(by, rate(`${COMMANDS}_count`, ...matchers))

/** Whether each service reaches its store and the event log. */
export function storesUp(): Panel {
  return {
    title: 'Stores that answer',
    description:
      '0 while a replica of the service gets no answer from the store. If one service is affected, look at its store. If all lose the event log, look at the release event-log.',
    kind: 'states',
    unit: 'short',
    limit: { bad: 1, isBadBelow: true },
    queries: [{ expr: `min by (service, store) (${series('bulkhead_store_up')})`, legend: '{{service}}: {{store}}' }]
  }
}

/** Rate, errors and duration of the commands to all stores. */
export function commandsByService(): Panel[] {
  return [
    {
      title: 'Commands by service',
      description: 'Commands per second that each service sends to its store.',
      unit: 'per-second',
      queries: [{ expr: commands('service', STORES), legend: '{{service}}' }]
    },
    {
      title: 'Failed commands by service',
      description:
        'Share of commands that failed. While a store is away or full, requests get 503. A refused write that the service expects also counts.',
      unit: 'percent',
      limit: { warning: 0.01, bad: 0.05 },
      queries: [
        {
          expr: share(commands('service', STORES, 'outcome="error"'), commands('service', STORES)),
          legend: '{{service}}'
        }
      ]
    },
    {
      title: 'Slowest 5 % of commands',
      description:
        'The time within which 95 % of the commands ended. If all stores are slow, look at the disks of the nodes. If one is, look for a missing index or a large document.',
      unit: 'seconds',
      limit: { warning: 0.1, bad: 0.5 },
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'service', COMMANDS, STORES), legend: '{{service}}' }]
    }
  ]
}

/** How full each store is. */
export function fills(): Panel[] {
  return [
    {
      title: 'Redis: share of the memory limit',
      description:
        'Memory in use, of `maxMemory`. At 1 a store of records refuses writes, and a cache removes data. Raise `maxMemory` and the memory limit of the store.',
      unit: 'percent',
      max: 1,
      limit: { warning: 0.7, bad: 0.85 },
      queries: [
        {
          expr: `${maxBy('service', series('bulkhead_store_bytes'))} / (${maxBy('service', series('bulkhead_store_limit_bytes'))} > 0)`,
          legend: '{{service}}'
        }
      ],
      noDataReason: 'the Redis servers on one machine have no memory limit'
    },
    {
      title: 'Volumes: share in use',
      description:
        'Used bytes of the volume of each store that reports them. Enlarge the PersistentVolumeClaim before it is full.',
      unit: 'percent',
      max: 1,
      limit: { warning: 0.7, bad: 0.85 },
      queries: [
        {
          expr: `${maxBy('service', series('bulkhead_store_volume_used_bytes'))} / ${maxBy('service', series('bulkhead_store_volume_bytes'))}`,
          legend: '{{service}}'
        }
      ],
      noDataReason: 'the embedded MongoDB does not report its volume'
    }
  ]
}

/** The connections of services to MongoDB. */
export function pools(): Panel[] {
  return [poolUse([]), poolQueue([])]
}

/** The answers that caches gave without asking for the data. */
export function cacheHits(): Panel {
  const answered = (...matchers: string[]) =>
    sumBy('service, cache', rate('bulkhead_cache_requests_total', ...matchers))
  return {
    title: 'Cache hits',
    description: 'Share of look-ups that a cache answered. If it falls after a rollout, wait: the cache is filling.',
    unit: 'percent',
    max: 1,
    queries: [{ expr: share(answered('result="hit"'), answered()), legend: '{{service}}: {{cache}}' }]
  }
}

/** The backups of stores of records. */
export function backups(): Panel[] {
  const noDataReason = 'no backup runs during the test'
  return [
    {
      title: 'Age of the last backup',
      description:
        'Time since the last successful backup of each store. If it exceeds a day, look at the log of the backup job.',
      unit: 'seconds',
      limit: { warning: 93_600, bad: 180_000 },
      queries: [
        {
          expr: `time() - ${maxBy('service, store', series('bulkhead_backup_last_success_timestamp_seconds'))}`,
          legend: '{{service}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Time since the last proven restore',
      description:
        'A backup that was never restored proves nothing. Restore one under another name: see docs/backups.md.',
      unit: 'seconds',
      limit: { warning: 2_678_400, bad: 8_035_200 },
      queries: [
        {
          expr: `time() - ${maxBy('service, store', series('bulkhead_backup_last_restore_timestamp_seconds'))}`,
          legend: '{{service}}'
        }
      ],
      noDataReason
    },
    {
      title: 'Size of the last backup',
      description:
        'A backup that is suddenly smaller may lack data: compare it with the store before older ones are deleted.',
      unit: 'bytes',
      queries: [{ expr: maxBy('service, store', series('bulkhead_backup_size_bytes')), legend: '{{service}}' }],
      noDataReason
    }
  ]
}

/** The store of one service, by command. */
export function storeOf(service: string, store: 'mongodb' | 'redis'): Panel[] {
  const own = [ofService(service), `store="${store}"`]
  const common: Panel[] = [
    {
      title: 'Store answers',
      description: '0 while a replica gets no answer from the store. Look at the pod of the store and at its log.',
      kind: 'states',
      unit: 'short',
      limit: { bad: 1, isBadBelow: true },
      queries: [{ expr: `min by (instance) (${series('bulkhead_store_up', ...own)})`, legend: '{{instance}}' }]
    },
    {
      title: 'Commands',
      description: 'Commands per second to the store.',
      unit: 'per-second',
      queries: [{ expr: commands('command', ...own), legend: '{{command}}' }]
    },
    {
      title: 'Failed commands',
      description: 'Share of commands that failed. The log of the service has the reason.',
      unit: 'percent',
      limit: { warning: 0.01, bad: 0.05 },
      queries: [
        {
          expr: share(commands('command', ...own, 'outcome="error"'), commands('command', ...own)),
          legend: '{{command}}'
        }
      ]
    },
    {
      title: 'Slowest 5 % of commands',
      description:
        'The time within which 95 % of the commands ended. If reads are slow, look for a missing index. If writes are slow, look at the disk of the store.',
      unit: 'seconds',
      limit: { warning: 0.1, bad: 0.5 },
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'command', COMMANDS, ...own), legend: '{{command}}' }]
    }
  ]
  return store === 'mongodb'
    ? [...common, poolUse([ofService(service)]), poolQueue([ofService(service)])]
    : [...common, memoryOf(service)]
}

function poolUse(matchers: string[]): Panel {
  const inUse = sumBy('service, instance', series('bulkhead_store_pool_connections', 'state="in_use"', ...matchers))
  const most = sumBy('service, instance', series('bulkhead_store_pool_max_connections', ...matchers))
  return {
    title: 'Connections in use',
    description:
      'Share of the connections of a replica that are in use. At 1, requests wait: the store is too slow for the load.',
    unit: 'percent',
    max: 1,
    limit: { warning: 0.7, bad: 0.9 },
    queries: [{ expr: `${inUse} / ${most}`, legend: '{{service}} {{instance}}' }]
  }
}

function poolQueue(matchers: string[]): Panel {
  return {
    title: 'Waiting for a connection',
    description: 'Requests that wait for a connection to MongoDB. Above 0 for minutes, look at slow commands.',
    unit: 'short',
    limit: { warning: 1, bad: 10 },
    queries: [
      {
        expr: sumBy('service, instance', series('bulkhead_store_pool_waiting', ...matchers)),
        legend: '{{service}} {{instance}}'
      }
    ]
  }
}

function memoryOf(service: string): Panel {
  const own = ofService(service)
  return {
    title: 'Memory of the store',
    description:
      'Memory in use, and the limit. At the limit a store of records refuses writes, and a cache removes data.',
    unit: 'bytes',
    queries: [
      { expr: maxBy('service', series('bulkhead_store_bytes', own)), legend: 'in use' },
      { expr: maxBy('service', series('bulkhead_store_limit_bytes', own)), legend: 'limit' }
    ]
  }
}
