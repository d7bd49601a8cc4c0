import type { Db } from 'mongodb'
import * as z from 'zod'
import { type BackupRecord, backupMetrics, measureBackups } from '../core/index.ts'
import { outboxMetrics } from '../events/index.ts'
import { connectMongo, type MongoOutbox, mongoMetrics, mongoOutbox, mongoProblem } from '../mongo/index.ts'
import type { Store } from './store.ts'

/** The access to a service's own database. */
type MongoHandle = { db: Db }

/** The collection with the facts about the last backup and restore. A backup leaves it out. */
const BACKUPS = 'backups'

const variables = { MONGODB_URL: z.url({ protocol: /^mongodb(\+srv)?$/ }) }

/** Defines a store of records in the service's own MongoDB. `MONGODB_URL` names its database. */
export const mongoStore = (): Store<MongoHandle> => ({
  variables,
  metrics: [...mongoMetrics, ...backupMetrics],
  problemOf: mongoProblem,
  async open({ service, config, passFaultPoint, registry }) {
    const { db, close } = await connectMongo(String(config.MONGODB_URL), service, passFaultPoint, registry)
    const backups = db.collection<BackupRecord & { _id: string }>(BACKUPS)
    const readLatest = async () => (await backups.findOne({ _id: 'latest' })) ?? undefined
    measureBackups({ registry, store: 'mongodb', read: readLatest })
    return { handle: { db }, close }
  }
})

/** Defines the MongoDB store of a service that publishes events. `outbox` is for its aggregates. */
export const publishingMongoStore = (): Store<MongoHandle & { outbox: MongoOutbox }> => ({
  variables,
  metrics: [...mongoMetrics, ...backupMetrics, ...outboxMetrics],
  problemOf: mongoProblem,
  async open(opening) {
    const { service, eventLog, clock, log, registry, passFaultPoint } = opening
    const { handle, close } = await mongoStore().open(opening)
    const outbox = mongoOutbox({ ...handle, service, eventLog: eventLog, clock, log, registry, passFaultPoint })
    return {
      handle: { ...handle, outbox },
      startOutbox: () => outbox.start(),
      async close() {
        await outbox.stop()
        await close()
      }
    }
  }
})
