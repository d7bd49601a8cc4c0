import type { Logger } from 'pino'

/**
 * The right of one replica to do a piece of background work alone. For a moment two replicas may both hold it, because their clocks differ
 * or because a process was stopped. So the work must be safe to do twice.
 */
export type Lease = {
  /** Takes the lease, or renews it if this replica holds it. Returns false while another replica holds it. */
  hold(): Promise<boolean>
  /** Releases the lease, so that another replica can take it at once. */
  release(): Promise<void>
}

/** Releases a lease when its work ends. A failure is only logged, because the lease expires by itself. `work` names the work in the log. */
export const releaseLease = (lease: Lease, work: string, log: Logger): Promise<void> =>
  lease.release().catch(error => log.warn({ err: error }, `The lease of ${work} was not released and will expire`))
