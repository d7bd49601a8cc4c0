import { Problem } from '@bulkhead/chassis/problem'
import { Counter, Gauge, type Registry } from 'prom-client'

type Limits = {
  /** How many run at the same time. */
  concurrency: number
  /** How many more wait at most. */
  queue: number
}

/** Runs a task when its turn comes. Rejects at once, with a 503, where too many wait already. */
export type Bounded = <T>(task: () => Promise<T>) => Promise<T>

/**
 * Bounds work with passwords, which takes a thread and 19 MiB each: sign-ins by the thousand wait or are sent away, and whatever else the
 * process does goes on.
 */
export function boundedWork({ concurrency, queue }: Limits, registry: Registry): Bounded {
  const waiting: (() => void)[] = []
  let running = 0
  gauge(registry, 'bulkhead_password_work_waiting', 'Work with passwords that waits for its turn', () => waiting.length)
  gauge(registry, 'bulkhead_password_work_running', 'Work with passwords under way', () => running)
  const refused = new Counter({
    name: 'bulkhead_password_work_refused_total',
    help: 'Work with passwords that was refused, as too much waited',
    registers: [registry]
  })

  return async task => {
    if (running < concurrency) running++
    else if (waiting.length >= queue) {
      refused.inc()
      throw tooBusy()
    } else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

const tooBusy = () =>
  new Problem(503, 'too-busy', 'Too many sign in at the moment', { headers: { 'Retry-After': '2' } })

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
