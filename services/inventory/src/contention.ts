import { setTimeout } from 'node:timers/promises'
import { backoff, unavailable } from '@bulkhead/chassis/core'

/** How often a write is tried while other requests change the same document. */
export const ATTEMPTS = 20

/** Waits for up to 50 ms after a failed attempt, longer after each. */
export const pauseAfter = (attempt: number) => setTimeout(backoff(attempt, 2, 50))

/** The 503 after the last attempt. `resource` is for the caller, `changed` for the log. */
export const tooContended = (resource: string, changed: string) =>
  unavailable(resource, 1, new Error(`Other requests changed ${changed} ${ATTEMPTS} times`))
