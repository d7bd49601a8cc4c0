import type { Change } from '@bulkhead/chassis/mongo'
import type { Outcome } from '../accounts/schemas.ts'
import type { Account } from '../accounts/store.ts'
import { customerErased } from './events.ts'

type Report = { service: string; outcome: Outcome; at: Date }

/** What stays of an account that was erased: its ID, so that late reports and tokens find that it is gone. Nothing of the person. */
export type Erasure = { id: string; erasedAt: Date; erasedBy: string; reports: Report[] }

export const isErased = (state: Account | Erasure): state is Erasure => 'erasedAt' in state

/** Erases an account; of one that is erased nothing changes. */
export function erased(state: Account | Erasure, by: string, at: Date): Change<Account | Erasure> {
  if (isErased(state)) return { state, events: [] }
  return { state: { id: state.id, erasedAt: at, erasedBy: by, reports: [] }, events: [customerErased] }
}

/** With the report of a service, whose first one stays. */
export const reported = (erasure: Erasure, report: Report): Erasure =>
  erasure.reports.some(({ service }) => service === report.service)
    ? erasure
    : { ...erasure, reports: [...erasure.reports, report] }
