import { createHmac, randomBytes } from 'node:crypto'
import { tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'

/** The keys by which inventory limits unpaid holds. Each key has 16 characters and does not reveal the buyer or the network. */
export type Holder = { buyer?: string; network?: string }

/** The origin of an order: the ID of the customer or else of the guest's cart, and the network that the gateway reports. */
type Origin = { customer: string | undefined; cart: string | undefined; network: string | undefined }

export type HolderOf = (origin: Origin) => Holder

/**
 * Returns a function that derives the keys of a buyer: the first 96 bits of an HMAC-SHA-256. A plain hash of an IPv4 address could be
 * reversed by trying all addresses. The secret is random and is kept in the store, so all replicas share it. A guest without a cart has no
 * buyer key: only the limit of the network applies.
 */
export async function holderKeys(db: Db): Promise<HolderOf> {
  const secret = await storedSecret(db)
  const hashOf = (kind: string, name: string) =>
    createHmac('sha256', secret).update(`${kind}:${name}`).digest('base64url').slice(0, 16)
  return ({ customer, cart, network }) => {
    const holder: Holder = {}
    if (customer !== undefined) holder.buyer = hashOf('customer', customer)
    else if (cart !== undefined) holder.buyer = hashOf('cart', cart)
    if (network !== undefined) holder.network = hashOf('network', network)
    return holder
  }
}

/** Reads the secret from the store. The first replica stores it there. */
async function storedSecret(db: Db): Promise<Buffer> {
  const keys = db.collection<{ _id: string; key: string }>('keys')
  const findKey = async () => keys.findOne({ _id: 'holders' })
  const stored = await findKey()
  if (stored) return Buffer.from(stored.key, 'base64url')
  await tryInsert(keys.insertOne({ _id: 'holders', key: randomBytes(32).toString('base64url') }))
  // Read again, because another replica may have inserted its secret first.
  return Buffer.from((await findKey())!.key, 'base64url')
}
