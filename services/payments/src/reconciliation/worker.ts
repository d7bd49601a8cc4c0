import { type Clock, giveUp, measuredGauge, repeat } from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Ground } from '../payments/settlement.ts'
import { lookAtChanges, lookAtDue, type Reconciling } from './sweeps.ts'

type Options = { db: Db; ground: Ground; clock: Clock; logger: Logger; registry: Registry; times?: Times | undefined }

/** In milliseconds. */
export type Times = { due: number; changes: number; lease: number }

const TIMES: Times = { due: 5_000, changes: 30_000, lease: 30_000 }
/** Milliseconds by which a look at the changes reaches back behind the last: what was written late must not be missed. */
const OVERLAP_MS = 60_000
/** Every so many looks it reaches back further: over clocks of the provider's that are apart. */
const WIDE_EVERY = 20
const WIDE_MS = 1_200_000
const EVER = '1970-01-01T00:00:00.000Z'

/** Keeps book and provider in agreement whatever got lost, by one replica at a time. */
export function reconciliation({ db, ground, clock, logger, registry, times = TIMES }: Options) {
  const stopping = new AbortController()
  const { signal } = stopping
  const [dueLease, changesLease] = ['due', 'changes'].map(name => mongoLease(db, name, times.lease, clock))
  const marks = db.collection<{ _id: string; until: string }>('reconciliation')
  const reconciling: Reconciling = { ...ground, count: metrics(db, logger, registry) }
  let loops: Promise<unknown> = Promise.resolve()
  let looks = 0

  async function due() {
    if (await dueLease!.hold()) await lookAtDue(reconciling, signal)
  }

  async function changes() {
    if (!(await changesLease!.hold())) return
    const _id = ground.provider.name
    const { until } = (await marks.findOne({ _id })) ?? { until: EVER }
    const back = looks++ % WIDE_EVERY === 0 ? WIDE_MS : OVERLAP_MS
    const since = new Date(Math.max(0, Date.parse(until) - back)).toISOString()
    const reached = await lookAtChanges(since, reconciling, signal)
    if (reached > until) await marks.updateOne({ _id }, { $set: { until: reached } }, { upsert: true })
  }

  return {
    start() {
      const background = { logger, signal }
      loops = Promise.all([
        repeat('The look at payments that are due', due, () => times.due, background),
        repeat('The look at changes of the provider', changes, () => times.changes, background)
      ])
    },
    async stop() {
      stopping.abort()
      await loops
      for (const lease of [dueLease!, changesLease!]) await giveUp(lease, 'reconciliation', logger)
    }
  }
}

function metrics(db: Db, log: Logger, registry: Registry): Reconciling['count'] {
  measuredGauge({
    registry,
    log,
    name: 'payments_due',
    help: 'Payments that are under way or not yet in agreement with the provider',
    measure: () => db.collection('payments').countDocuments({ dueAt: { $exists: true } })
  })
  const outcomes = new Counter({
    name: 'payments_reconciled_total',
    help: 'Payments that reconciliation looked at, by outcome: same, mended, unknown (to the book), failed',
    labelNames: ['outcome'],
    registers: [registry]
  })
  return outcome => outcomes.inc({ outcome })
}
