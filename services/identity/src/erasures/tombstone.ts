import type { Change } from '@bulkhead/chassis/mongo'
import { customerErased } from './events.ts'
import type { Outcome } from './schemas.ts'

type Report = { service: string; outcome: Outcome; at: Date }

/**
 * The tombstone of an erased account. It holds no data of the person. It answers late reports and tokens, which find that the account was
 * erased.
 */
export type Erasure = { id: string; erasedAt: Date; erasedBy: string; reports: Report[] }

export const isErased = (document: object): document is Erasure => 'erasedAt' in document

/** Replaces an account by its tombstone, with the event for all services. An erased account stays unchanged. */
export function eraseAccount<State extends { id: string }>(
  state: State | Erasure,
  erasedBy: string,
  erasedAt: Date
): Change<State | Erasure> {
  if (isErased(state)) return { state, events: [] }
  return { state: { id: state.id, erasedAt, erasedBy, reports: [] }, events: [customerErased] }
}

/** Adds the report of a service, unless the service has already reported. */
export const addReport = (erasure: Erasure, report: Report): Erasure =>
  erasure.reports.some(({ service }) => service === report.service)
    ? erasure
    : { ...erasure, reports: [...erasure.reports, report] }
