import { Problem, tooManyRequests } from '@bulkhead/chassis/core'
import { Counter, Gauge, type Registry } from 'prom-client'

type Limits = {
  /** How many tasks run at the same time. */
  concurrency: number
  /** How many more tasks wait at most. */
  queue: number
}

/** The network of a client, as the gateway tells it. Calls that do not come through the gateway have none, and count as one client. */
export type ClientNetwork = string | undefined

/** Runs a client's task when its turn comes. Rejects at once with a 429 if too many tasks of the client wait, with a 503 if too many wait in all. */
export type Bounded = <T>(client: ClientNetwork, task: () => Promise<T>) => Promise<T>

/** The part of the queue that one client may fill. */
const CLIENT_SHARE = 1 / 4
const RETRY_SECONDS = 2

/**
 * Bounds work with passwords, which takes a thread and 19 MiB each. Clients with waiting tasks take turns, so that one that sends many
 * delays the others by one task only.
 */
export function boundedWork({ concurrency, queue }: Limits, registry: Registry): Bounded {
  const mostOfClient = Math.ceil(queue * CLIENT_SHARE)
  const turns = fairQueue<() => void>()
  let running = 0
  gauge(registry, 'bulkhead_password_work_waiting', 'Work with passwords that waits for its turn', () => turns.length())
  gauge(registry, 'bulkhead_password_work_running', 'Work with passwords under way', () => running)
  const refused = refusedCounter(registry)

  function checkRoom(client: ClientNetwork) {
    if (turns.length() >= queue) {
      refused.inc({ reason: 'queue' })
      throw tooBusy()
    }
    if (turns.lengthOf(client) >= mostOfClient) {
      refused.inc({ reason: 'client' })
      throw tooManyRequests(`At most ${mostOfClient} passwords of one network may wait to be checked`, RETRY_SECONDS)
    }
  }

  return async (client, task) => {
    if (running < concurrency) running++
    else {
      checkRoom(client)
      await new Promise<void>(resolve => turns.add(client, resolve))
    }
    try {
      return await task()
    } finally {
      const next = turns.take()
      if (next) next()
      else running--
    }
  }
}

/** A queue whose clients take turns; each client's own items stay in order. */
function fairQueue<Item>() {
  /** The client whose turn is next comes first. */
  const byClient = new Map<ClientNetwork, Item[]>()
  let length = 0
  return {
    length: () => length,
    lengthOf: (client: ClientNetwork) => byClient.get(client)?.length ?? 0,
    add(client: ClientNetwork, item: Item) {
      const items = byClient.get(client)
      if (items) items.push(item)
      else byClient.set(client, [item])
      length++
    },
    take(): Item | undefined {
      const [first] = byClient
      if (!first) return undefined
      const [client, items] = first
      const item = items.shift()
      byClient.delete(client)
      if (items.length > 0) byClient.set(client, items)
      length--
      return item
    }
  }
}

const tooBusy = () =>
  new Problem(503, 'too-busy', 'Too many passwords are being checked', {
    detail: `Try again in ${RETRY_SECONDS} s`,
    headers: { 'Retry-After': String(RETRY_SECONDS) }
  })

function refusedCounter(registry: Registry) {
  const refused = new Counter({
    name: 'bulkhead_password_work_refused_total',
    help: 'Work with passwords that was refused because the queue, or the share of the client, was full',
    labelNames: ['reason'],
    registers: [registry]
  })
  for (const reason of ['queue', 'client']) refused.inc({ reason }, 0)
  return refused
}

function gauge(registry: Registry, name: string, help: string, value: () => number) {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value())
    }
  })
}
