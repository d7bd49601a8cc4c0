import type { Program } from '../../packages/cli/src/processes/daemon.ts'
import type { Testbed } from '../faults/testbed/testbed.ts'

/** What a drill may use: the stack, and a way to start a program that ends with the drills. */
export type Setting = {
  testbed: Testbed
  /** Starts a program. Resolves with a function that stops it, when the program answers. */
  start: (program: Program) => Promise<() => Promise<void>>
}

/** Removes a fault. Resolves when nothing of it is left. */
export type Undo = () => Promise<unknown> | unknown

/** An alert of one service. */
export type FiringAlert = { alert: string; service: string }

/** What clients may see of a fault: requests of these steps of packages/load may fail for these reasons. Everything else must work. */
export type Effect = {
  /** The names of the steps; `all` for every step. */
  steps: string[] | 'all'
  /** HTTP statuses, or codes of broken connections. */
  reasons: (number | string)[]
}

/** A fault, and what is declared about it. */
export type Drill = {
  name: string
  /** The services that it tests most. */
  services: string[]
  /** True if it needs faketime, which shifts the clock of a process. */
  isOfClock?: boolean
  /** Causes the fault. Resolves with the function that removes it, when the fault is in effect. */
  cause: (setting: Setting) => Promise<Undo>
  /** How long the fault lasts at least (ms). It lasts longer until the declared alerts have fired, but at most `LONGEST_FAULT`. */
  lasts: number
  effect: Effect
  /** The time (ms) after which the effect must end although the fault lasts. Undefined if the effect may last as long as the fault. */
  effectEndsAfter?: number
  /** The alerts that must fire and page somebody. No other alert may page. */
  pages: FiringAlert[]
  /** Pages that fire on some machines only, such as those on slow answers. */
  possiblePages?: FiringAlert[]
  /** The alerts that must fire as tickets. Others may, too. */
  tickets: FiringAlert[]
  /** The longest time (ms) from the removal of the fault until no client sees an effect and no page fires. */
  recoversWithin: number
}

/** Clients see nothing. */
export const NO_EFFECT: Effect = { steps: [], reasons: [] }

/** How long a fault lasts at most (ms). */
export const LONGEST_FAULT = 75_000
