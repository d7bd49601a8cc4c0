import type { Db } from 'mongodb'
import { type Aggregates, aggregates } from '../src/aggregates.ts'
import { clock } from './counters.ts'

export type Lamp = { id: string; name: string; watts?: number }

type Options = { cap?: number; run?: () => Promise<string> }

/** Aggregates whose events nobody publishes. `run` tells the present run of the log. */
export const lampsIn = (db: Db, { run = async () => 'r', ...options }: Options = {}): Aggregates<Lamp> => {
  const outbox = { watch: () => ({ wrote: () => undefined, run }) }
  return aggregates<Lamp>({ db, collection: 'lamps', schemaVersion: 1, outbox, clock, ...options })
}
