import { setTimeout } from 'node:timers/promises'
import { backoff } from './pacing.ts'
import { unavailable } from './problem.ts'

/** How often a write is tried while other requests change the same document. */
export const WRITE_ATTEMPTS = 20

/** Waits for up to 50 ms after a failed attempt of a write, longer after each. */
export const pauseAfter = (attempt: number): Promise<void> => setTimeout(backoff(attempt, 2, 50))

/** The 503 after the last attempt. `resource` is for the caller, `changed` for the log. */
export const tooContended = (resource: string, changed: string) =>
  unavailable(resource, 1, new Error(`Other requests changed ${changed} ${WRITE_ATTEMPTS} times`))
