import type { Clock } from '@bulkhead/chassis/clock'
import { preconditionFailed } from '@bulkhead/chassis/etag'
import type { Trace } from '@bulkhead/chassis/events'
import { newSecretId } from '@bulkhead/chassis/ids'
import { notFound, Problem } from '@bulkhead/chassis/problem'
import { redisScript } from '@bulkhead/chassis/redis'
import type { RedisOutbox } from '@bulkhead/chassis/redis-outbox'
import { fieldsOf } from '@bulkhead/chassis/streams'
import type { Redis } from 'ioredis'
import { cartCreated, cartDeleted, cartMerged } from './events.ts'
import { ERASED_MS, LIFE, MOST_LINES, MOST_PIECES } from './limits.ts'
import type { Cart, Line } from './schemas.ts'
import * as scripts from './scripts.ts'

/** The hash tag of all keys, so that a script may touch several of them. */
export const TAG = '{cart}'

type Reply<T extends unknown[]> = [outcome: string, ...T]
type Contents = Reply<[cart: string[], lines: string[]]>

type Options = { redis: Redis; outbox: Pick<RedisOutbox, 'script' | 'event'>; clock: Clock }

export type Carts = ReturnType<typeof cartStore>

/**
 * The carts. `caller` is the ID of a customer, or '' for anyone else. Whatever is not there, or not the caller's, is a 404;
 * a version other than `expected` a 412; too many lines or pieces a 409.
 */
export function cartStore({ redis, outbox, clock }: Options) {
  const create = outbox.script<Reply<[id: string]>>('create', scripts.create)
  const deleteAll = outbox.script<Reply<[]>>('delete', scripts.opening + scripts.deleteAll)
  const merge = outbox.script<Contents>('merge', scripts.opening + scripts.merge)
  const read = plainScript<Contents>(redis, 'read', scripts.read)
  const add = plainScript<Reply<[version: number, quantity: number]>>(redis, 'add', scripts.add)
  const set = plainScript<Reply<[version: number]>>(redis, 'set', scripts.set)
  const remove = plainScript<Reply<[version: number]>>(redis, 'remove', scripts.remove)

  const now = () => clock.now().toISOString()

  async function byId(id: string, caller: string): Promise<Cart> {
    const [, fields, lines] = accepted(await read(keysOf(id, caller), [caller, now()]))
    return cartOf(id, fields, lines)
  }

  return {
    byId,

    /** Makes a cart; for a customer who has one, gives that one. 404 for one who was erased. */
    async create(caller: string, trace: Trace): Promise<{ isNew: boolean; cart: Cart }> {
      const id = newSecretId('crt')
      const keys = [cartKey(id), customerKey(caller), erasedKey(caller)]
      const [outcome, its] = await create(keys, [caller, now(), id, outbox.event(cartCreated, id, trace)])
      if (outcome === 'missing') throw notFound()
      return { isNew: outcome === 'new', cart: await byId(its, caller) }
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
      await redis.set(erasedKey(customer), 1, 'PX', ERASED_MS)
      const id = await redis.get(customerKey(customer))
      if (id) await deleteAll(keysOf(id, customer), [customer, now(), '', outbox.event(cartDeleted, id, trace)])
    },

    /** Adds `quantity` pieces to those of a line. */
    async add(id: string, caller: string, { productId, sku, quantity: more }: Line) {
      const reply = await add(keysOf(id, caller), [caller, now(), placeOf(productId, sku), more])
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
      const keys = [...keysOf(id, caller), cartKey(from), linesKey(from)]
      const [, fields, lines] = accepted(await merge(keys, [caller, now(), ...events]))
      return cartOf(id, fields, lines)
    }
  }
}

const cartKey = (id: string) => `${TAG}:${id}`
const linesKey = (id: string) => `${TAG}:${id}:lines`
const customerKey = (customer: string) => `${TAG}:of:${customer}`
const erasedKey = (customer: string) => `${TAG}:erased:${customer}`
const keysOf = (id: string, caller: string) => [cartKey(id), linesKey(id), customerKey(caller)]
const placeOf = (productId: string, sku: string) => `${productId}/${sku}`

/** A script on one cart that publishes nothing, and so does not depend on the outbox. */
const plainScript = <R>(redis: Redis, name: string, lua: string) =>
  redisScript<R>(redis, `cart:${name}`, scripts.opening + lua)

/** The reply of a script that did what it was asked, or the problem of one that did not. */
function accepted<R extends Reply<unknown[]>>(reply: R): R {
  const [outcome, version] = reply
  if (outcome === 'done') return reply
  if (outcome === 'missing') throw notFound()
  if (outcome === 'stale') throw preconditionFailed(Number(version))
  if (outcome === 'pieces') throw full('/body/quantity', `A line has at most ${MOST_PIECES} pieces`)
  throw full('/body', `A cart has at most ${MOST_LINES} lines`)
}

const full = (pointer: string, detail: string) =>
  new Problem(409, 'cart-full', 'The cart does not take so much', { detail, errors: [{ pointer, detail }] })

function cartOf(id: string, fields: string[], lines: string[]): Cart {
  const { owner, version, createdAt, updatedAt } = fieldsOf(fields) as Record<string, string>
  const life = owner ? LIFE.customer : LIFE.guest
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
    expiresAt: new Date(Date.parse(updatedAt!) + life).toISOString()
  }
}

function storedLine([place, value]: [string, string]) {
  const [productId = '', ...sku] = place.split('/')
  const [quantity, since] = value.split(' ').map(Number)
  return { since: since!, place, line: { productId, sku: sku.join('/'), quantity: quantity! } }
}

type StoredLine = ReturnType<typeof storedLine>

/** By when they came; those of one merge by their products. */
const inOrder = (one: StoredLine, other: StoredLine) => one.since - other.since || (one.place < other.place ? -1 : 1)
