import assert from 'node:assert/strict'
import { fakeMongod } from '@bulkhead/testing/fake-mongod'
import type { Db, Document } from 'mongodb'
import { Problem } from '../src/core/problem.ts'
import type { Aggregates } from '../src/mongo/aggregates.ts'
import { connectMongo, mongoProblem } from '../src/mongo/mongo.ts'
import { trace } from './counters.ts'
import { type Lamp, lampsIn } from './lamps.ts'

const is503 = (error: unknown) => {
  const problem = mongoProblem(error)
  return problem instanceof Problem && problem.status === 503 && problem.headers['Retry-After'] === '1'
}

type Trouble = { name: string; code: number; labels?: string[] }

/** Error codes and their names (mongodb.com/docs, error codes). */
const temporary: Trouble[] = [
  { name: 'NotWritablePrimary', code: 10_107 },
  { name: 'NotPrimaryNoSecondaryOk', code: 13_435 },
  { name: 'NotPrimaryOrSecondary', code: 13_436 },
  { name: 'InterruptedAtShutdown', code: 11_600 },
  { name: 'InterruptedDueToReplStateChange', code: 11_602 },
  { name: 'PrimarySteppedDown', code: 189 },
  { name: 'ShutdownInProgress', code: 91 },
  { name: 'ExceededTimeLimit', code: 262 },
  { name: 'MaxTimeMSExpired', code: 50 },
  { name: 'HostUnreachable', code: 6 },
  { name: 'OutOfDiskSpace', code: 14_031 },
  { name: 'a code of the future', code: 99_999, labels: ['RetryableWriteError'] }
]

const lasting: Trouble[] = [
  { name: 'BadValue', code: 2 },
  { name: 'Unauthorized', code: 13 },
  { name: 'AuthenticationFailed', code: 18 },
  { name: 'DocumentValidationFailure', code: 121 }
]

const failure = ({ name, code, labels = [] }: Trouble) => ({
  ok: 0,
  code,
  codeName: name,
  errmsg: 'as the server says',
  errorLabels: labels
})

const unconfirmed = {
  ok: 1,
  n: 1,
  nModified: 1,
  writeConcernError: { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting for replication timed out' }
}

/** Returns the reply to a batch of one document, which the server refuses with this code. */
const refusal = (code: number) => ({ ok: 1, n: 0, writeErrors: [{ index: 0, code, errmsg: 'as the server says' }] })

describe('mongoProblem', () => {
  let mongod: Awaited<ReturnType<typeof fakeMongod>>
  let store: { db: Db; close: () => Promise<void> }
  let lamps: Aggregates<Lamp>
  let reply: Document

  beforeEach(async () => {
    mongod = await fakeMongod(() => reply)
    store = await connectMongo(mongod.url, 'test')
    lamps = lampsIn(store.db)
  })
  afterEach(async () => {
    reply = { ok: 1 }
    await store.close()
    mongod.close()
  })

  const lamp = { state: { id: 'lmp_1', name: 'one' }, events: [] }
  const operations: { what: string; run: () => Promise<unknown> }[] = [
    { what: 'a read', run: () => lamps.byId('lmp_1') },
    { what: 'a write', run: () => lamps.insert(lamp.state, [], trace) },
    { what: 'a batch', run: () => lamps.insertMany([lamp], trace) }
  ]
  for (const { what, run } of operations) {
    for (const trouble of temporary) {
      it(`turns ${trouble.name} (${trouble.code}) for ${what} into a 503`, async () => {
        reply = failure(trouble)
        await assert.rejects(run(), is503)
        assert.ok(mongod.commands.length > 0)
      })
    }
    for (const trouble of lasting) {
      it(`does not turn ${trouble.name} (${trouble.code}) for ${what} into a 503`, async () => {
        reply = failure(trouble)
        await assert.rejects(run(), error => !is503(error))
      })
    }
  }

  it('turns a write that too few servers have confirmed into a 503', async () => {
    reply = unconfirmed
    await assert.rejects(lamps.insert(lamp.state, [], trace), is503)
    await assert.rejects(lamps.insertMany([lamp], trace), is503)
  })

  it('turns a batch that a server refused because it stepped down into a 503', async () => {
    reply = refusal(189)
    await assert.rejects(lamps.insertMany([lamp], trace), is503)
  })

  it('rejects only the one document of a batch that the server refuses with a lasting error', async () => {
    reply = refusal(11_000)
    const [result] = await lamps.insertMany([lamp], trace)
    assert.equal(result?.status, 'rejected')
  })
})
