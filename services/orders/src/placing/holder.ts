import { createHmac, randomBytes } from 'node:crypto'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'

/** The keys by which inventory tells buyers and networks apart: texts of 16 characters that say nothing else about them. */
export type Holder = { buyer?: string; network?: string }

/** What is known of who orders: a customer's ID, else the ID of a guest's cart; and the network as the gateway names it. */
type Origin = { customer: string | undefined; cart: string | undefined; network: string | undefined }

export type HolderOf = (origin: Origin) => Holder

/**
 * Makes the keys of whoever orders: the first 96 bits of an HMAC-SHA-256, as a mere hash of an IPv4 address can be undone by trying all. Its key is random
 * and in the store, so that all replicas have the same. A guest without a cart has no key: the limit of their network applies alone.
 */
export async function holderKeys(db: Db): Promise<HolderOf> {
  const key = await storedKey(db)
  const hashOf = (kind: string, name: string) =>
    createHmac('sha256', key).update(`${kind}:${name}`).digest('base64url').slice(0, 16)
  return ({ customer, cart, network }) => {
    const holder: Holder = {}
    if (customer !== undefined) holder.buyer = hashOf('customer', customer)
    else if (cart !== undefined) holder.buyer = hashOf('cart', cart)
    if (network !== undefined) holder.network = hashOf('network', network)
    return holder
  }
}

/** The key in the store, which the first replica of all puts there. */
async function storedKey(db: Db): Promise<Buffer> {
  const keys = db.collection<{ _id: string; key: string }>('keys')
  const found = async () => keys.findOne({ _id: 'holders' })
  const stored = (await found()) ?? (await insertKey().then(found))
  return Buffer.from(stored!.key, 'base64url')

  async function insertKey() {
    try {
      await keys.insertOne({ _id: 'holders', key: randomBytes(32).toString('base64url') })
    } catch (error) {
      if (!isDuplicateKey(error)) throw error // another replica was faster
    }
  }
}
