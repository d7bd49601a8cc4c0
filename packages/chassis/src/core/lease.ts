import type { Logger } from 'pino'

/**
 * The right to do a piece of background work alone among the replicas of a service. For a moment two may think they have
 * it (clocks apart, a process that was stopped), so the work itself must bear being done twice.
 */
export type Lease = {
  /** Takes the lease, or prolongs it where this holder has it already. False while another holds it. */
  hold(): Promise<boolean>
  /** Gives the lease up, so that another replica takes over at once. */
  release(): Promise<void>
}

/** Gives a lease up as work ends. Where that fails it runs out by itself, which is logged and no error. `what` is what it guards. */
export const releaseLease = (lease: Lease, what: string, log: Logger): Promise<void> =>
  lease.release().catch(error => log.warn({ err: error }, `The lease of ${what} runs out by itself`))
