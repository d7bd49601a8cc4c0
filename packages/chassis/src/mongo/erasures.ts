import type { Db } from 'mongodb'
import type { Clock } from '../core/index.ts'

type Options = {
  db: Db
  clock: Clock
  /** Deletes or anonymises all data of these people. A second call changes nothing. */
  erase: (people: string[]) => Promise<void>
}

/** The erasures of people. Data that a service stores after a person's erasure is erased too, so requests need not check for it. */
export type Erasures = {
  /** Stores the erasure of a person, and then erases the person's data. A second call changes nothing. */
  erase(person: string): Promise<void>
  /**
   * Erases data that was stored since the erasures, and forgets erasures that are so old that no more data can arrive. Call it regularly.
   */
  sweep(): Promise<void>
}

/**
 * How long (ms) the data of an erased person is erased again. This is far longer than a person's last token (15 minutes) and a request with
 * it can last. No data can arrive after that.
 */
const KEEP_MS = 3_600_000
/** Maximum number of people in one sweep. The people who were erased first come first. */
const BATCH_SIZE = 1_000

/**
 * Keeps the erasures of a service in the collection `erasures`, with a person's ID as `_id`. A person's last token is valid for some
 * minutes after the erasure, so requests may still store data. `sweep` erases it.
 */
export function erasures({ db, clock, erase }: Options): Erasures {
  const erased = db.collection<{ _id: string; at: Date }>('erasures')
  return {
    async erase(person) {
      await erased.updateOne({ _id: person }, { $setOnInsert: { at: clock.now() } }, { upsert: true })
      await erase([person])
    },

    async sweep() {
      const forgetBefore = new Date(clock.now().getTime() - KEEP_MS) // read before `erase`, so that no data can arrive in between
      const documents = await erased.find().sort({ at: 1 }).limit(BATCH_SIZE).toArray()
      if (documents.length === 0) return
      const people = documents.map(({ _id }) => _id)
      await erase(people)
      await erased.deleteMany({ _id: { $in: people }, at: { $lte: forgetBefore } })
    }
  }
}
