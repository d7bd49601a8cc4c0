import type { Db } from 'mongodb'
import * as z from 'zod'
import { outboxMetrics } from '../events/index.ts'
import { connectMongo, type MongoOutbox, mongoMetrics, mongoOutbox, mongoProblem } from '../mongo/index.ts'
import type { Store } from './store.ts'

/** The access to a service's own database. */
type MongoHandle = { db: Db }

const variables = { MONGODB_URL: z.url({ protocol: /^mongodb(\+srv)?$/ }) }

/** Defines a store of records in the service's own MongoDB. `MONGODB_URL` names its database. */
export const mongoStore = (): Store<MongoHandle> => ({
  variables,
  metrics: mongoMetrics,
  problemOf: mongoProblem,
  async open({ service, config, passFaultPoint, registry }) {
    const { db, close } = await connectMongo(String(config.MONGODB_URL), service, passFaultPoint, registry)
    return { handle: { db }, close }
  }
})

/** Defines the MongoDB store of a service that publishes events. `outbox` is for its aggregates. */
export const publishingMongoStore = (): Store<MongoHandle & { outbox: MongoOutbox }> => ({
  variables,
  metrics: [...mongoMetrics, ...outboxMetrics],
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
