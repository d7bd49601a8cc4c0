import type { Db } from 'mongodb'
import type { Clock } from '../core/index.ts'

type Options = {
  db: Db
  clock: Clock
  /** Deletes, or makes anonymous, all that the service holds of these people. Done again, it changes nothing. */
  erase: (people: string[]) => Promise<void>
}

export type Erasures = ReturnType<typeof erasures>

/**
 * Milliseconds for which what is held of who was erased is looked for: far longer than the last token (15 minutes) and a request that came
 * with it live. Nothing of theirs can come after that.
 */
const KEPT = 3_600_000
/** People of whom is looked for at once, those first who were erased first. */
const BATCH = 1_000

/**
 * People who were erased, by ID, in the collection `erasures`. A last token is good for some minutes more: so `erase` writes down who was
 * erased before anything else, and `sweep`, to be called now and then, erases what came of them since. So who stores something of a person need not
 * look whether that person is still there.
 */
export function erasures({ db, clock, erase }: Options) {
  const erased = db.collection<{ _id: string; at: Date }>('erasures')
  return {
    /** Erases a person. Done again, it changes nothing. */
    async erase(person: string) {
      await erased.updateOne({ _id: person }, { $setOnInsert: { at: clock.now() } }, { upsert: true })
      await erase([person])
    },

    /** Erases what came since of people who were erased, and forgets the erasures after which nothing can come any more. */
    async sweep() {
      const over = new Date(clock.now().getTime() - KEPT) // of now: what was over before anything was looked for
      const found = await erased.find().sort({ at: 1 }).limit(BATCH).toArray()
      if (found.length === 0) return
      const people = found.map(({ _id }) => _id)
      await erase(people)
      await erased.deleteMany({ _id: { $in: people }, at: { $lte: over } })
    }
  }
}
