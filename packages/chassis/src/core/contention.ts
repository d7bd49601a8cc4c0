import { setTimeout } from 'node:timers/promises'
import { backoff } from './pacing.ts'
import { unavailable } from './problem.ts'

/** Maximum number of attempts of a write while other requests change the same document. */
export const WRITE_ATTEMPTS = 20

/** Waits for up to 50 ms after a failed attempt of a write. The wait grows with each attempt. */
export const pauseAfter = (attempt: number): Promise<void> => setTimeout(backoff(attempt, 2, 50))

/** Returns the 503 for a write whose last attempt failed. `resource` names the document for the caller, `changed` names it for the log. */
export const tooContended = (resource: string, changed: string) =>
  unavailable(resource, 1, new Error(`Other requests changed ${changed} ${WRITE_ATTEMPTS} times`))
