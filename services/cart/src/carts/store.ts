import { keyReused, type MadeBy, preconditionFailed, type Trace } from '@bulkhead/chassis/contract'
import { type Clock, newSecretId, notFound, Problem } from '@bulkhead/chassis/core'
import type { RedisOutbox } from '@bulkhead/chassis/events'
import { redisScript, toFields } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { cartCreated, cartDeleted, cartMerged } from './events.ts'
import { ACTIVE_KEY, cartKey, customerKey, erasedKey, keysOfCart, networkKeys, networkOf } from './keys.ts'
import { ERASED_MS, LIFETIME_MS, LONGEST_WAIT_SECONDS, MOST_LINES, MOST_PIECES } from './limits.ts'
import type { Cart, Line } from './schemas.ts'
import * as scripts from './scripts.ts'

/** A changed line, with the version of its cart after the change. */
type ChangedLine = { version: number; line: Line }

/**
 * The carts. `caller` is the ID of the calling customer, or '' for a guest. Methods throw a 404 for a cart that does not exist or belongs
 * to another customer. They throw a 412 for a version other than `expected`, and a 409 for too many lines or pieces. While the store is
 * full, every method that needs more space throws a 503.
 */
export type Carts = {
  byId(id: string, caller: string): Promise<Cart>
  /** Creates the customer's cart, or returns the existing one. Throws a 404 for an erased customer. */
  createForCustomer(customer: string, trace: Trace): Promise<{ isNew: boolean; cart: Cart }>
  /** Creates a cart for a guest. `address` is the address of the guest's network. Throws a 429 if the network has too many carts. */
  createForGuest(address: string | undefined, trace: Trace): Promise<Cart>
  delete(id: string, caller: string, expected: number, trace: Trace): Promise<void>
  /** Deletes the cart of an erased customer, if there is one. The customer gets no new cart for `ERASED_MS`. */
  erase(customer: string, trace: Trace): Promise<void>
  /**
   * Adds the pieces of `line` to the pieces in the cart. With `request`, adds them once: a repeated request gets its first answer, and a
   * different request with the same key gets a 422.
   */
  add(id: string, caller: string, line: Line, request?: MadeBy): Promise<ChangedLine>
  /** Sets the quantity of a line. Adds the line if it is missing. */
  set(id: string, caller: string, expected: number, line: Line): Promise<ChangedLine>
  /** Removes a line and returns the new version of the cart. Throws a 404 if the line does not exist. */
  remove(id: string, caller: string, expected: number, line: Omit<Line, 'quantity'>): Promise<number>
  /** Moves the guest's cart `from` into the caller's cart. Changes nothing if `from` is not a guest's cart. */
  merge(id: string, caller: string, from: string, trace: Trace): Promise<Cart>
  /** Takes up to `limit` carts with lines that were unchanged for `age` milliseconds. Each cart is taken once in its life. */
  takeAbandoned(age: number, limit: number): Promise<{ taken: number; abandoned: number }>
}

type Options = {
  redis: Redis
  outbox: Pick<RedisOutbox, 'script' | 'event'>
  clock: Clock
  /** Limits for the guests' carts of one network: `empty` for those that never had a line, `all` for all of them. */
  perNetwork: { empty: number; all: number }
}

/** The reply of a script. */
type Reply<Results extends unknown[]> = [outcome: string, ...Results]
type Contents = Reply<[cart: string[], lines: string[]]>

export function cartStore({ redis, outbox, clock, perNetwork }: Options): Carts {
  const createForCustomer = outbox.script<Reply<[id: string]>>(
    'create-for-customer',
    scripts.createForCustomer,
    'may-add'
  )
  const createForGuest = outbox.script<Reply<[idOrWait: string | number]>>('create-for-guest', scripts.createForGuest)
  const deleteCart = outbox.script<Reply<[]>>('delete', scripts.deleteCart, 'frees')
  const merge = outbox.script<Contents>('merge', scripts.merge, 'may-add')
  // These scripts publish no event, so a full outbox does not stop them.
  const read = redisScript<Contents>(redis, 'cart:read', scripts.read, 'reads')
  const add = redisScript<Reply<[version: number, quantity: number]>>(redis, 'cart:add', scripts.add, 'may-add')
  const set = redisScript<Reply<[version: number]>>(redis, 'cart:set', scripts.set, 'adds')
  const remove = redisScript<Reply<[version: number]>>(redis, 'cart:remove', scripts.remove, 'frees')
  const markErased = redisScript<null>(redis, 'cart:mark-erased', scripts.markErased, 'frees')

  const takeAbandoned = redisScript<[taken: number, abandoned: number]>(
    redis,
    'cart:take-abandoned',
    scripts.takeAbandoned,
    'frees'
  )

  const now = () => clock.now().toISOString()

  async function byId(id: string, caller: string): Promise<Cart> {
    const [, fields, lines] = accepted(await read(keysFor(id, caller), [caller, now()]))
    return cartOf(id, fields, lines)
  }

  return {
    byId,

    async createForCustomer(customer, trace) {
      const id = newSecretId('crt')
      const keys = [cartKey(id), customerKey(customer), erasedKey(customer)]
      const args = [customer, now(), id, outbox.event(cartCreated, id, trace)]
      const [outcome, cartId] = await createForCustomer(keys, args)
      if (outcome === 'missing') throw notFound()
      return { isNew: outcome === 'new', cart: await byId(cartId, customer) }
    },

    async createForGuest(address, trace) {
      const id = newSecretId('crt')
      const network = networkOf(address)
      const event = outbox.event(cartCreated, id, trace)
      const args = [network, now(), id, event, perNetwork.empty, perNetwork.all]
      const [outcome, wait] = await createForGuest([cartKey(id), ...networkKeys(network)], args)
      if (outcome === 'too-many-empty') throw tooManyCarts(`${perNetwork.empty} empty carts`, Number(wait))
      if (outcome === 'too-many') throw tooManyCarts(`${perNetwork.all} carts`, Number(wait))
      return byId(id, '')
    },

    async delete(id, caller, expected, trace) {
      const event = outbox.event(cartDeleted, id, trace)
      accepted(await deleteCart(keysFor(id, caller), [caller, now(), expected, event]))
    },

    async erase(customer, trace) {
      // Block new carts first: the customer's last access token may still be valid.
      await markErased([erasedKey(customer)], [ERASED_MS])
      const id = await redis.get(customerKey(customer))
      if (id === null) return
      const event = outbox.event(cartDeleted, id, trace)
      await deleteCart(keysFor(id, customer), [customer, now(), '', event])
    },

    async add(id, caller, { productId, sku, quantity: more }, request) {
      const { key, content } = request ?? { key: '', content: '' }
      const args = [caller, now(), lineIdOf(productId, sku), more, key, content]
      const [, version, quantity] = accepted(await add(keysFor(id, caller), args))
      return { version, line: { productId, sku, quantity } }
    },

    async set(id, caller, expected, line) {
      const args = [caller, now(), expected, lineIdOf(line.productId, line.sku), line.quantity]
      const [, version] = accepted(await set(keysFor(id, caller), args))
      return { version, line }
    },

    async remove(id, caller, expected, { productId, sku }) {
      const args = [caller, now(), expected, lineIdOf(productId, sku)]
      const [, version] = accepted(await remove(keysFor(id, caller), args))
      return version
    },

    async merge(id, caller, from, trace) {
      const events = [outbox.event(cartMerged, id, trace), outbox.event(cartDeleted, from, trace)]
      const keys = [...keysFor(id, caller), ...keysOfCart(from)]
      const [, fields, lines] = accepted(await merge(keys, [caller, now(), ...events]))
      return cartOf(id, fields, lines)
    },

    async takeAbandoned(age, limit) {
      const [taken, abandoned] = await takeAbandoned([ACTIVE_KEY], [age, limit])
      return { taken, abandoned }
    }
  }
}

const keysFor = (id: string, caller: string) => [...keysOfCart(id), customerKey(caller)]
const lineIdOf = (productId: string, sku: string) => `${productId}/${sku}`

/** Returns the reply if the script succeeded; otherwise throws the problem that the outcome stands for. */
function accepted<R extends Reply<unknown[]>>(reply: R): R {
  const [outcome, version] = reply
  if (outcome === 'done') return reply
  if (outcome === 'missing') throw notFound()
  if (outcome === 'reused') throw keyReused()
  if (outcome === 'stale') throw preconditionFailed(Number(version))
  if (outcome === 'pieces') throw cartFull('/body/quantity', `A line has at most ${MOST_PIECES} pieces`)
  throw cartFull('/body', `A cart has at most ${MOST_LINES} lines`)
}

const cartFull = (pointer: string, detail: string) =>
  new Problem(409, 'cart-full', 'The cart is full', { detail, errors: [{ pointer, detail }] })

/** Returns the 429 for a network with too many carts. `wait` is in milliseconds. */
function tooManyCarts(most: string, wait: number) {
  const seconds = Math.max(1, Math.min(LONGEST_WAIT_SECONDS, Math.ceil(wait / 1_000)))
  return new Problem(429, 'too-many-carts', 'Too many carts', {
    detail: `Your network already has ${most}. Use or delete one of them, or try again later`,
    headers: { 'Retry-After': String(seconds) }
  })
}

/** Returns a cart from its fields and lines, in the form in which Redis replies with them. */
function cartOf(id: string, fields: string[], lines: string[]): Cart {
  const { owner, version, createdAt, updatedAt } = toFields(fields) as Record<string, string>
  return {
    id,
    version: Number(version),
    customer: owner || undefined,
    lines: Object.entries(toFields(lines))
      .map(storedLine)
      .sort(bySince)
      .map(({ line }) => line),
    createdAt: createdAt!,
    updatedAt: updatedAt!,
    expiresAt: new Date(Date.parse(updatedAt!) + lifetimeOf(owner!, Number(version))).toISOString()
  }
}

function lifetimeOf(owner: string, version: number) {
  if (owner) return LIFETIME_MS.customer
  // Every change of a line increases the version.
  return version === 1 ? LIFETIME_MS.empty : LIFETIME_MS.guest
}

type StoredLine = { id: string; since: number; line: Line }

function storedLine([id, value]: [string, string]): StoredLine {
  const [productId = '', ...sku] = id.split('/')
  const [quantity, since] = value.split(' ').map(Number)
  return { id, since: since!, line: { productId, sku: sku.join('/'), quantity: quantity! } }
}

/** Sorts lines in the order of their addition. Lines of one merge have the same version and are sorted by their IDs. */
const bySince = (one: StoredLine, other: StoredLine) => one.since - other.since || (one.id < other.id ? -1 : 1)
