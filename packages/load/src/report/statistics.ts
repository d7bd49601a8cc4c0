import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { DropReason } from '../pacing/arrivals.ts'

/** The outcome of a request: `limited` for a 429, `failed` for no answer or an unexpected status. */
export type Outcome = 'ok' | 'limited' | 'failed'

/** The figures of a step, with times in milliseconds. */
export type StepFigures = { step: string; requests: number; p50: number; p99: number }

/** The figures of a load since its start. */
export type Figures = {
  seconds: number
  /** The number of visits in progress. */
  open: number
  /** The number of visits that are over, by the way in which they ended. */
  visits: Record<string, number>
  /** The number of dropped arrivals, by reason. */
  dropped: Record<DropReason, number>
  requests: Record<Outcome, number>
  /** Requests that were not sent, because an earlier answer asked to wait. */
  heldBack: number
  steps: StepFigures[]
  /** The number of failed and limited requests, by step and reason. */
  errors: Record<string, number>
}

/** Counts what happens during a load. Its memory does not grow with the number of requests. */
export type Statistics = {
  visitBegins: () => void
  visitEnds: (end: string) => void
  dropped: (reason: DropReason, count: number) => void
  /** `reason` explains an outcome other than `ok`. */
  request: (step: string, outcome: Outcome, milliseconds: number, reason?: string) => void
  heldBack: () => void
  figures: () => Figures
}

/** The number of kinds of errors that are counted separately. */
const ERROR_KINDS = 20
const OTHER_ERRORS = 'other reasons'

/** Makes empty statistics. */
export function startStatistics(): Statistics {
  const began = performance.now()
  const times = new Map<string, RecordableHistogram>()
  const visits: Record<string, number> = {}
  const dropped = { full: 0, late: 0 }
  const requests = { ok: 0, limited: 0, failed: 0 }
  const errors: Record<string, number> = {}
  let open = 0
  let heldBack = 0

  return {
    visitBegins: () => void open++,
    visitEnds(end) {
      open--
      visits[end] = (visits[end] ?? 0) + 1
    },
    dropped(reason, count) {
      dropped[reason] += count
    },
    request(step, outcome, milliseconds, reason) {
      requests[outcome]++
      const histogram = times.get(step) ?? createHistogram()
      times.set(step, histogram)
      // A histogram has whole numbers from 1, so times are in microseconds.
      histogram.record(Math.max(1, Math.round(milliseconds * 1_000)))
      if (reason === undefined) return
      const kind = `${step}: ${reason}`
      const counted = kind in errors || Object.keys(errors).length < ERROR_KINDS ? kind : OTHER_ERRORS
      errors[counted] = (errors[counted] ?? 0) + 1
    },
    heldBack: () => void heldBack++,
    figures: () => ({
      seconds: (performance.now() - began) / 1_000,
      open,
      visits: { ...visits },
      dropped: { ...dropped },
      requests: { ...requests },
      heldBack,
      steps: [...times].map(([step, histogram]) => ({
        step,
        requests: histogram.count,
        p50: histogram.percentile(50) / 1_000,
        p99: histogram.percentile(99) / 1_000
      })),
      errors: { ...errors }
    })
  }
}

/** The share of the requests that failed, from 0 to 1. Requests that a limit refused do not count as failed. */
export function failedShare({ requests: { ok, limited, failed } }: Figures): number {
  const all = ok + limited + failed
  return all === 0 ? 0 : failed / all
}
