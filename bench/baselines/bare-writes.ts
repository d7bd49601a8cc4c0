import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { repeatFor } from '../load/concurrency.ts'

/** The store at `url`, and how many documents to insert and to update in it for each order. */
export type Mix = { url: string; inserts: number; updates: number }

const POOL_SIZE = 32
const TEXT = 'Of a document that is about as large as those of an order. '.repeat(8)

type Plain = { _id: string; version: number; text: string; at: Date }

/** Writes with the MongoDB driver alone, one document at a time, into separate databases: inserts, then updates that check the version. */
export async function bareWrites(mixes: Mix[]) {
  const clients = await Promise.all(mixes.map(({ url }) => MongoClient.connect(url, { maxPoolSize: POOL_SIZE })))
  const sides = mixes.map((mix, index) => ({
    ...mix,
    documents: clients[index]!.db('bare').collection<Plain>('documents')
  }))
  const perTurn = mixes.reduce((sum, { inserts, updates }) => sum + inserts + updates, 0)

  async function turn() {
    for (const { documents, inserts, updates } of sides) {
      const ids = Array.from({ length: inserts }, () => randomUUID())
      for (const _id of ids) await documents.insertOne({ _id, version: 1, text: TEXT, at: new Date() })
      for (let update = 0; update < updates; update++) {
        const [_id, version] = [ids[update % inserts]!, 1 + Math.floor(update / inserts)]
        const { matchedCount } = await documents.updateOne(
          { _id, version },
          { $set: { version: version + 1, at: new Date() } }
        )
        if (matchedCount !== 1) throw new Error(`${_id} is not of version ${version}`)
      }
    }
  }

  return {
    /** Writes with 32 workers for `seconds`. Resolves with the documents written per second. */
    writesPerSecond: async (seconds: number) => ((await repeatFor(seconds, turn)).inTime * perTurn) / seconds,
    close: () => Promise.all(clients.map(client => client.close()))
  }
}
