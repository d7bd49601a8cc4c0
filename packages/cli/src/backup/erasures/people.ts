import { defineEvent, newTrace, pendingEvent } from '@bulkhead/chassis/contract'
import { BSON, type Collection, MongoClient } from 'mongodb'
import { digestOf, SetDigest } from '../dump/digest.ts'
import { FRAME, type Frame, jsonFrame } from '../dump/frames.ts'
import { type Content, contentOf, type Header } from '../dump/manifest.ts'
import { type Repository, readParts } from '../repository/repository.ts'

/** The event after which each service removes the data of a customer. */
export const customerErased = defineEvent({ type: 'identity.customer.erased', summary: 'A customer was erased' })
/** The service that publishes the event, which is the first part of its type. */
export const ERASURE_PUBLISHER = customerErased.type.split('.', 1)[0]!
/** The repository with the record of erased people. It has one list that only grows, and no restore sets it back. */
export const ERASURES = 'erasures'

/** A customer who was erased, without any personal data. */
type ErasedPerson = {
  /** The ID of the account. */
  id: string
  at: Date
  /** The ID of the person who requested the erasure. */
  by: string
  version: number
  /** The services that have reported the erasure. */
  reported: string[]
}

export type ErasedPeople = Map<string, ErasedPerson>

/** An account or its tombstone in identity's collection `accounts`. */
type Account = {
  _id: string
  version: number
  schemaVersion: number
  erasedAt?: Date
  erasedBy?: string
  reports?: { service: string }[]
}

const ANSWER_MS = 30_000
const RETENTION = { last: 3, daily: 0, weekly: 0 }
const MOST_IDS = 500

/** Reads the erased people from the store of the service that publishes erasures. */
export const erasedPeople = (url: string): Promise<ErasedPeople> =>
  withAccounts(url, async accounts => {
    const people: ErasedPeople = new Map()
    for await (const account of accounts.find({ erasedAt: { $exists: true } })) {
      const { _id, erasedAt, erasedBy = '', version, reports = [] } = account
      people.set(_id, {
        id: _id,
        at: erasedAt!,
        by: erasedBy,
        version,
        reported: reports.map(({ service }) => service)
      })
    }
    return people
  })

/**
 * Erases these people in a restored store of the service that publishes erasures: replaces each account by its tombstone, with the event in
 * its outbox, as identity does. Resolves with the number of accounts that had come back.
 */
export const eraseAgain = (url: string, people: ErasedPeople): Promise<number> =>
  withAccounts(url, async accounts => {
    const ids = [...people.keys()]
    let erased = 0
    for (let start = 0; start < ids.length; start += MOST_IDS) {
      const page = { _id: { $in: ids.slice(start, start + MOST_IDS) }, erasedAt: { $exists: false } }
      for (const { _id, version, schemaVersion } of await accounts.find(page).toArray()) {
        const { at, by } = people.get(_id)!
        const event = pendingEvent(customerErased, version + 1, new Date(), newTrace())
        const tombstone = {
          version: version + 1,
          schemaVersion,
          erasedAt: at,
          erasedBy: by,
          reports: [],
          outbox: [event]
        }
        await accounts.replaceOne({ _id }, tombstone)
        erased++
      }
    }
    return erased
  })

/** Adds erased people to the record. Resolves with all people in it. Writes nothing if the record has them already. */
export async function recordErasures(repository: Repository, found: ErasedPeople): Promise<ErasedPeople> {
  const people = await recordedErasures(repository)
  const before = people.size
  let isNew = false
  for (const [id, person] of found) {
    isNew ||= (people.get(id)?.reported.length ?? -1) < person.reported.length
    people.set(id, person)
  }
  if (people.size === before && !isNew) return people
  const header: Header = {
    format: 1,
    service: ERASURES,
    version: '',
    store: 'mongodb',
    server: '',
    startedAt: new Date().toISOString()
  }
  await repository.write(header, framesOf(people), RETENTION)
  return people
}

/** Reads the latest record of erased people. Empty if there is none. */
async function recordedErasures(repository: Repository): Promise<ErasedPeople> {
  const people: ErasedPeople = new Map()
  const [latest] = await repository.list()
  if (!latest) return people
  const { records } = await readParts(repository.read(latest))
  for await (const { kind, payload } of records) {
    if (kind !== FRAME.document) continue
    const person = BSON.deserialize(payload) as ErasedPerson
    people.set(person.id, person)
  }
  return people
}

async function* framesOf(people: ErasedPeople): AsyncGenerator<Frame, Content[]> {
  const records = new SetDigest()
  yield jsonFrame(FRAME.collection, { name: ERASURES })
  for (const person of people.values()) {
    const payload = BSON.serialize(person)
    records.add(digestOf(payload), payload.length)
    yield { kind: FRAME.document, payload }
  }
  return [contentOf(ERASURES, records)]
}

async function withAccounts<Result>(
  url: string,
  use: (accounts: Collection<Account>) => Promise<Result>
): Promise<Result> {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: ANSWER_MS,
    socketTimeoutMS: ANSWER_MS,
    journal: true,
    w: 'majority'
  })
  try {
    return await use(client.db().collection<Account>('accounts'))
  } finally {
    await client.close()
  }
}
