import { defineCounter, defineGauge, liveGauge, Problem, register, tooManyRequests } from '@bulkhead/chassis/core'
import type { ClientNetwork } from '@bulkhead/chassis/http'
import type { Registry } from 'prom-client'

const waitingWork = defineGauge({
  name: 'bulkhead_password_work_waiting',
  help: 'Work with passwords that waits for its turn'
})

const runningWork = defineGauge({
  name: 'bulkhead_password_work_running',
  help: 'Work with passwords under way'
})

const refusedWork = defineCounter({
  name: 'bulkhead_password_work_refused_total',
  help: 'Work with passwords that was refused because the queue or the share of the client was full',
  labels: { reason: ['queue', 'client'] }
})

/** The metrics of the work with passwords. */
export const passwordMetrics = [waitingWork, runningWork, refusedWork]

type Limits = {
  /** Maximum number of tasks that run at the same time. */
  concurrency: number
  /** Maximum number of tasks that wait. */
  queue: number
}

/**
 * Runs a client's task in its turn. Rejects at once with a 429 if too many tasks of the client wait, and with a 503 if too many tasks wait
 * in all.
 */
export type PasswordQueue = <T>(client: ClientNetwork, task: () => Promise<T>) => Promise<T>

/** The share of the queue that one client may fill. */
const CLIENT_SHARE = 1 / 4
const RETRY_SECONDS = 2

/**
 * Limits how many passwords are hashed at once, because each hash occupies a thread and 19 MiB. Clients with waiting tasks take turns. So a
 * client that sends many tasks delays each other client by only one task.
 */
export function passwordQueue({ concurrency, queue }: Limits, registry: Registry): PasswordQueue {
  const maxOfClient = Math.ceil(queue * CLIENT_SHARE)
  const waiting = fairQueue<() => void>()
  let running = 0
  liveGauge({ registry, metric: waitingWork, value: waiting.length })
  liveGauge({ registry, metric: runningWork, value: () => running })
  const refused = register(registry, refusedWork)

  function checkRoom(client: ClientNetwork) {
    if (waiting.length() >= queue) {
      refused.inc({ reason: 'queue' })
      throw tooBusy()
    }
    if (waiting.lengthOf(client) >= maxOfClient) {
      refused.inc({ reason: 'client' })
      throw tooManyRequests(`At most ${maxOfClient} passwords of one network may wait to be checked`, RETRY_SECONDS)
    }
  }

  return async (client, task) => {
    if (running < concurrency) running++
    else {
      checkRoom(client)
      await new Promise<void>(resolve => waiting.add(client, resolve))
    }
    try {
      return await task()
    } finally {
      // The next task takes the place of this task, so `running` stays the same.
      const next = waiting.take()
      if (next) next()
      else running--
    }
  }
}

/** A queue whose clients take turns. The items of one client stay in order. */
function fairQueue<Item>() {
  /** The waiting items of each client. The client with the next turn comes first. */
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
