import { keyReused, type MadeBy, preconditionFailed, type Trace } from '@bulkhead/chassis/contract'
import { type Clock, newSecretId, notFound, Problem } from '@bulkhead/chassis/core'
import type { RedisOutbox } from '@bulkhead/chassis/events'
import { fieldsOf, redisScript, type ScriptKind } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { cartCreated, cartDeleted, cartMerged } from './events.ts'
import { customerKey, erasedKey, keysOfCart, networkKeys, networkOf } from './keys.ts'
import { ERASED_MS, LIFE, LONGEST_WAIT, MOST_LINES, MOST_PIECES } from './limits.ts'
import type { Cart, Line } from './schemas.ts'
import * as scripts from './scripts.ts'

type Reply<T extends unknown[]> = [outcome: string, ...T]
type Contents = Reply<[cart: string[], lines: string[]]>

type Options = {
  redis: Redis
  outbox: Pick<RedisOutbox, 'script' | 'event'>
  clock: Clock
  /** Guests' carts of one network at most: those that never had a line, and all. */
  perNetwork: { empty: number; all: number }
}

export type Carts = ReturnType<typeof cartStore>

/**
 * The carts. `caller` is the ID of a customer, or '' for anyone else. Whatever is not there, or not the caller's, is a 404;
 * a version other than `expected` a 412; too many lines or pieces a 409. While the store is full, what adds is a 503; carts are read and
 * deleted, and lines removed.
 */
export function cartStore({ redis, outbox, clock, perNetwork }: Options) {
  const createForCustomer = outbox.script<Reply<[id: string]>>(
    'create-for-customer',
    scripts.createForCustomer,
    'may-add'
  )
  const createForGuest = outbox.script<Reply<[idOrWait: string | number]>>('create-for-guest', scripts.createForGuest)
  const deleteAll = outbox.script<Reply<[]>>('delete', scripts.opening + scripts.deleteAll, 'frees')
  const merge = outbox.script<Contents>('merge', scripts.opening + scripts.merge, 'may-add')
  const read = plainScript<Contents>(redis, 'read', scripts.read, 'reads')
  const add = plainScript<Reply<[version: number, quantity: number]>>(redis, 'add', scripts.add, 'may-add')
  const set = plainScript<Reply<[version: number]>>(redis, 'set', scripts.set, 'adds')
  const remove = plainScript<Reply<[version: number]>>(redis, 'remove', scripts.remove, 'frees')
  const noteErased = redisScript<null>(redis, 'cart:note-erased', scripts.noteErased, 'frees')

  const now = () => clock.now().toISOString()

  async function byId(id: string, caller: string): Promise<Cart> {
    const [, fields, lines] = accepted(await read(keysOf(id, caller), [caller, now()]))
    return cartOf(id, fields, lines)
  }

  return {
    byId,

    /** Makes the customer's cart, or gives the one they have. 404 for one who was erased. */
    async createForCustomer(customer: string, trace: Trace): Promise<{ isNew: boolean; cart: Cart }> {
      const id = newSecretId('crt')
      const keys = [keysOfCart(id)[0]!, customerKey(customer), erasedKey(customer)]
      const event = outbox.event(cartCreated, id, trace)
      const [outcome, its] = await createForCustomer(keys, [customer, now(), id, event])
      if (outcome === 'missing') throw notFound()
      return { isNew: outcome === 'new', cart: await byId(its, customer) }
    },

    /** Makes a guest's cart. `address` is where the guest's network is. 429 while that has too many carts. */
    async createForGuest(address: string | undefined, trace: Trace): Promise<Cart> {
      const id = newSecretId('crt')
      const network = networkOf(address)
      const event = outbox.event(cartCreated, id, trace)
      const args = [network, now(), id, event, perNetwork.empty, perNetwork.all]
      const [outcome, wait] = await createForGuest([keysOfCart(id)[0]!, ...networkKeys(network)], args)
      if (outcome === 'too-many-empty') throw tooManyCarts(`${perNetwork.empty} empty carts`, Number(wait))
      if (outcome === 'too-many') throw tooManyCarts(`${perNetwork.all} carts`, Number(wait))
      return byId(id, '')
    },

    async delete(id: string, caller: string, expected: number, trace: Trace) {
      const event = outbox.event(cartDeleted, id, trace)
      accepted(await deleteAll(keysOf(id, caller), [caller, now(), expected, event]))
    },

    /**
     * Deletes the cart of a customer who was erased. Their last token is good for some minutes more: before anything else no new cart can be
     * made with it. Done again, it changes nothing.
     */
    async erase(customer: string, trace: Trace) {
      await noteErased([erasedKey(customer)], [ERASED_MS])
      const id = await redis.get(customerKey(customer))
      if (id) await deleteAll(keysOf(id, customer), [customer, now(), '', outbox.event(cartDeleted, id, trace)])
    },

    /**
     * Adds `quantity` pieces to those of a line. A request that the cart knows adds nothing: its first answer is given again. 422 where its
     * key came with another request.
     */
    async add(id: string, caller: string, { productId, sku, quantity: more }: Line, request?: MadeBy) {
      const { key, content } = request ?? { key: '', content: '' }
      const reply = await add(keysOf(id, caller), [caller, now(), placeOf(productId, sku), more, key, content])
      const [, version, quantity] = accepted(reply)
      return { version, line: { productId, sku, quantity } }
    },

    /** Makes `quantity` the pieces of a line. */
    async set(id: string, caller: string, expected: number, line: Line) {
      const place = placeOf(line.productId, line.sku)
      const reply = await set(keysOf(id, caller), [caller, now(), expected, place, line.quantity])
      const [, version] = accepted(reply)
      return { version, line }
    },

    async remove(id: string, caller: string, expected: number, { productId, sku }: Omit<Line, 'quantity'>) {
      const reply = await remove(keysOf(id, caller), [caller, now(), expected, placeOf(productId, sku)])
      const [, version] = accepted(reply)
      return version
    },

    /** Moves the guest's cart `from` into the caller's own. Without such a guest's cart nothing changes. */
    async merge(id: string, caller: string, from: string, trace: Trace): Promise<Cart> {
      const events = [outbox.event(cartMerged, id, trace), outbox.event(cartDeleted, from, trace)]
      const keys = [...keysOf(id, caller), ...keysOfCart(from)]
      const [, fields, lines] = accepted(await merge(keys, [caller, now(), ...events]))
      return cartOf(id, fields, lines)
    }
  }
}

const keysOf = (id: string, caller: string) => [...keysOfCart(id), customerKey(caller)]
const placeOf = (productId: string, sku: string) => `${productId}/${sku}`

/** A script on one cart that publishes nothing, and so does not depend on the outbox. */
const plainScript = <R>(redis: Redis, name: string, lua: string, kind: ScriptKind) =>
  redisScript<R>(redis, `cart:${name}`, scripts.opening + lua, kind)

/** The reply of a script that did what it was asked, or the problem of one that did not. */
function accepted<R extends Reply<unknown[]>>(reply: R): R {
  const [outcome, version] = reply
  if (outcome === 'done') return reply
  if (outcome === 'missing') throw notFound()
  if (outcome === 'reused') throw keyReused()
  if (outcome === 'stale') throw preconditionFailed(Number(version))
  if (outcome === 'pieces') throw full('/body/quantity', `A line has at most ${MOST_PIECES} pieces`)
  throw full('/body', `A cart has at most ${MOST_LINES} lines`)
}

const full = (pointer: string, detail: string) =>
  new Problem(409, 'cart-full', 'The cart does not take so much', { detail, errors: [{ pointer, detail }] })

/** `wait` in milliseconds. */
function tooManyCarts(most: string, wait: number) {
  const seconds = Math.max(1, Math.min(LONGEST_WAIT, Math.ceil(wait / 1_000)))
  return new Problem(429, 'too-many-carts', 'Too many carts', {
    detail: `Your network has ${most} already. Use one of them, delete one, or try again later`,
    headers: { 'Retry-After': String(seconds) }
  })
}

function cartOf(id: string, fields: string[], lines: string[]): Cart {
  const { owner, version, createdAt, updatedAt } = fieldsOf(fields) as Record<string, string>
  return {
    id,
    version: Number(version),
    ...(owner && { customer: owner }),
    lines: Object.entries(fieldsOf(lines))
      .map(storedLine)
      .sort(inOrder)
      .map(({ line }) => line),
    createdAt: createdAt!,
    updatedAt: updatedAt!,
    expiresAt: new Date(Date.parse(updatedAt!) + lifeOf(owner!, Number(version))).toISOString()
  }
}

/** A guest's cart of version 1 never had a line. */
function lifeOf(owner: string, version: number) {
  if (owner) return LIFE.customer
  return version === 1 ? LIFE.empty : LIFE.guest
}

function storedLine([place, value]: [string, string]) {
  const [productId = '', ...sku] = place.split('/')
  const [quantity, since] = value.split(' ').map(Number)
  return { since: since!, place, line: { productId, sku: sku.join('/'), quantity: quantity! } }
}

type StoredLine = ReturnType<typeof storedLine>

/** By when they came; those of one merge by their products. */
const inOrder = (one: StoredLine, other: StoredLine) => one.since - other.since || (one.place < other.place ? -1 : 1)
