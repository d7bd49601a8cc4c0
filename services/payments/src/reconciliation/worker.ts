import { defineCounter, defineGauge, measuredGauge, register, releaseLease, repeat } from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Dependencies } from '../payments/settlement.ts'
import { OUTCOMES, reconcileChanges, reconcileDue, type SweepDependencies } from './sweeps.ts'

const duePayments = defineGauge({
  name: 'payments_due',
  help: 'Payments that are unfinished or not yet in agreement with the provider'
})

const reconciledPayments = defineCounter({
  name: 'payments_reconciled_total',
  help: 'Payments that reconciliation looked at, by outcome: same, mended, unknown (we have no record), failed',
  labels: { outcome: OUTCOMES }
})

/** The metrics of the reconciliation. */
export const reconciliationMetrics = [duePayments, reconciledPayments]

/** The pause between two sweeps of due payments, the pause between two sweeps of changes, and the duration of a lease (ms). */
export type ReconciliationTimes = { due: number; changes: number; lease: number }

type Options = { db: Db; dependencies: Dependencies; registry: Registry; times?: ReconciliationTimes | undefined }

const TIMES: ReconciliationTimes = { due: 5_000, changes: 30_000, lease: 30_000 }
/** How long before the last known change a sweep of changes starts (ms). The overlap catches changes that were written late. */
const OVERLAP_MS = 60_000
/** Every 20th sweep starts `WIDE_MS` before the last known change, because the clocks of the provider may differ. */
const WIDE_EVERY = 20
const WIDE_MS = 1_200_000
const EPOCH = '1970-01-01T00:00:00.000Z'

/**
 * Keeps the records and the provider in agreement, even if answers and webhooks are lost. Only the replica that holds the lease does this.
 */
export function reconciliation({ db, dependencies, registry, times = TIMES }: Options) {
  const { clock, log, provider } = dependencies
  const stopping = new AbortController()
  const { signal } = stopping
  const dueLease = mongoLease(db, 'due', times.lease, clock)
  const changesLease = mongoLease(db, 'changes', times.lease, clock)
  const progress = db.collection<{ _id: string; until: string }>('reconciliation')
  const sweep: SweepDependencies = { ...dependencies, count: outcomeCounter(registry) }
  let loops: Promise<unknown> = Promise.resolve()
  let sweeps = 0
  measureDue(db, log, registry)

  async function due() {
    if (await dueLease.hold()) await reconcileDue(sweep, signal)
  }

  async function changes() {
    if (!(await changesLease.hold())) return
    const _id = provider.name
    const { until } = (await progress.findOne({ _id })) ?? { until: EPOCH }
    const back = sweeps++ % WIDE_EVERY === 0 ? WIDE_MS : OVERLAP_MS
    const since = new Date(Math.max(0, Date.parse(until) - back)).toISOString()
    const reached = await reconcileChanges(since, sweep, signal)
    if (reached > until) await progress.updateOne({ _id }, { $set: { until: reached } }, { upsert: true })
  }

  return {
    start() {
      const background = { log, signal }
      loops = Promise.all([
        repeat('The reconciliation of due payments', due, () => times.due, background),
        repeat("The reconciliation of the provider's changes", changes, () => times.changes, background)
      ])
    },
    async stop() {
      stopping.abort()
      await loops
      for (const lease of [dueLease, changesLease]) await releaseLease(lease, 'reconciliation', log)
    }
  }
}

function measureDue(db: Db, log: Logger, registry: Registry) {
  const measure = () => db.collection('payments').countDocuments({ dueAt: { $exists: true } })
  measuredGauge({ registry, log, metric: duePayments, measure })
}

function outcomeCounter(registry: Registry): SweepDependencies['count'] {
  const outcomes = register(registry, reconciledPayments)
  return outcome => outcomes.inc({ outcome })
}
