import { ACTIVE_KEY, TAG } from './keys.ts'
import { LIFETIME_MS, MOST_LINES, MOST_PIECES, REMEMBERED_REQUESTS } from './limits.ts'

/*
 * How carts are stored:
 * - A cart is a hash: owner, network, version, createdAt, updatedAt, and abandoned once it was counted as abandoned. The owner is a
 *   customer's ID, or '' for a guest.
 * - Its lines are a hash. The field `<product>/<sku>` is the ID of a line; its value is `<quantity> <since>`. `since` is the version of the
 *   cart at which the line was added; lines are shown in that order.
 * - The requests that a cart remembers are a list of `<key> <content> <version> <quantity>`, the latest first.
 * - Each customer has a key that stores the ID of the customer's cart.
 * - A sorted set has the carts with lines that were not counted as abandoned. The score is the time of the last change in milliseconds.
 * - A network has two sorted sets of guests' carts, `empty` and `filled`. The score is the time of expiry in milliseconds.
 *
 * Each script replies with an outcome and its results. Every outcome except `done` and `new` means that nothing changed.
 */

const milliseconds = `
local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * The start of every script on one cart. KEYS: cart, lines, requests, key of the calling customer. ARGV: caller, now. The keys of the
 * network are not declared, because only the cart stores the network's name; they share the hash tag. A cart of an older release has no
 * network.
 */
const open = `${milliseconds}
local CART, LINES, REQUESTS, MINE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local CALLER, NOW = ARGV[1], ARGV[2]
local owner, version, network, abandoned = unpack(redis.call('HMGET', CART, 'owner', 'version', 'network', 'abandoned'))
if not owner or (owner ~= '' and owner ~= CALLER) then return { 'missing' } end

local function networkKeys(network)
  return '${TAG}:network:' .. network .. ':empty', '${TAG}:network:' .. network .. ':filled'
end

local function countAsFilled(lifetime)
  local empty, filled = networkKeys(network)
  redis.call('ZREM', empty, CART)
  redis.call('ZADD', filled, milliseconds() + lifetime, CART)
  redis.call('PEXPIRE', filled, lifetime)
end

local function stopCounting(cart, network)
  for _, key in ipairs({ networkKeys(network) }) do redis.call('ZREM', key, cart) end
end

local function trackChange()
  if redis.call('HLEN', LINES) == 0 then
    redis.call('ZREM', '${ACTIVE_KEY}', CART)
  elseif not abandoned then
    redis.call('ZADD', '${ACTIVE_KEY}', milliseconds(), CART)
  end
end

local function changed()
  local lifetime = owner == '' and ${LIFETIME_MS.guest} or ${LIFETIME_MS.customer}
  version = version + 1
  redis.call('HSET', CART, 'version', version, 'updatedAt', NOW)
  redis.call('PEXPIRE', CART, lifetime)
  redis.call('PEXPIRE', LINES, lifetime)
  if owner ~= '' then
    redis.call('PEXPIRE', MINE, lifetime)
  elseif network then
    countAsFilled(lifetime)
  end
  trackChange()
end

local function contents()
  return { 'done', redis.call('HGETALL', CART), redis.call('HGETALL', LINES) }
end
`

/** The start of the scripts that create a cart. KEYS: cart. ARGV: customer or network, now, ID, event. */
const create = `
local CART, NOW, ID, EVENT = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local function create(owner, lifetime)
  redis.call('HSET', CART, 'owner', owner, 'version', 1, 'createdAt', NOW, 'updatedAt', NOW)
  redis.call('PEXPIRE', CART, lifetime)
  outbox_append(EVENT, 1)
  return { 'new', ID }
end
`

/**
 * Creates a customer's cart, or finds the existing one. Additional KEYS: key of the customer, key that marks the customer as erased.
 * Replies `new` or `known` with the ID, or `missing` for an erased customer.
 */
export const createForCustomer = `${create}
local CUSTOMER, MINE, ERASED = ARGV[1], KEYS[2], KEYS[3]
if redis.call('EXISTS', ERASED) == 1 then return { 'missing' } end
local known = redis.call('GET', MINE)
if known then return { 'known', known } end
redis.call('SET', MINE, ID, 'PX', ${LIFETIME_MS.customer})
return create(CUSTOMER, ${LIFETIME_MS.customer})`

/**
 * Creates a guest's cart. Additional KEYS: the network's empty carts, its filled carts. Additional ARGV: the maximum number of empty carts
 * and of all carts in a network. Replies `new` with the ID, or `too-many-empty` or `too-many` with the milliseconds until a cart expires.
 */
export const createForGuest = `${milliseconds}${create}
local NETWORK, EMPTY, FILLED = ARGV[1], KEYS[2], KEYS[3]
local mostEmpty, most = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = milliseconds()
local function count(set)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', time)
  return redis.call('ZCARD', set)
end
local function wait(set)
  local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  return first[2] and first[2] - time or ${LIFETIME_MS.guest}
end
local empty = count(EMPTY)
if empty >= mostEmpty then return { 'too-many-empty', wait(EMPTY) } end
if empty + count(FILLED) >= most then return { 'too-many', math.min(wait(EMPTY), wait(FILLED)) } end
redis.call('ZADD', EMPTY, time + ${LIFETIME_MS.empty}, CART)
redis.call('PEXPIRE', EMPTY, ${LIFETIME_MS.empty})
redis.call('HSET', CART, 'network', NETWORK)
return create('', ${LIFETIME_MS.empty})`

/** Replies with the fields of the cart and its lines. */
export const read = `${open}
return contents()`

/** Marks a customer as erased. KEYS: key of the mark. ARGV: its lifetime in milliseconds. */
export const markErased = "redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])"

/**
 * Adds pieces to a line. Additional ARGV: ID of the line, pieces, key and content of the request (both '' without a key). Replies with the
 * cart's version and the line's quantity. A request that the cart remembers gets the version and the quantity of its first reply.
 */
export const add = `${open}
local lineId, more, key, content = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if key ~= '' then
  for _, request in ipairs(redis.call('LRANGE', REQUESTS, 0, -1)) do
    local knownKey, knownContent, version, quantity = request:match('^(%S+) (%S+) (%d+) (%d+)$')
    if knownKey == key then
      if knownContent ~= content then return { 'reused' } end
      return { 'done', tonumber(version), tonumber(quantity) }
    end
  end
end
local line = redis.call('HGET', LINES, lineId)
local quantity, since = 0, version + 1
if line then
  quantity, since = line:match('^(%d+) (%d+)$')
elseif redis.call('HLEN', LINES) >= ${MOST_LINES} then
  return { 'lines' }
end
if quantity + more > ${MOST_PIECES} then return { 'pieces' } end
quantity = quantity + more
redis.call('HSET', LINES, lineId, quantity .. ' ' .. since)
changed()
if key ~= '' then
  redis.call('LPUSH', REQUESTS, table.concat({ key, content, version, quantity }, ' '))
  redis.call('LTRIM', REQUESTS, 0, ${REMEMBERED_REQUESTS.count - 1})
  redis.call('PEXPIRE', REQUESTS, ${REMEMBERED_REQUESTS.ms})
end
return { 'done', version, quantity }`

/** Sets the quantity of a line. Additional ARGV: expected version, ID of the line, quantity. Replies with the cart's version. */
export const set = `${open}
local expected, lineId, quantity = ARGV[3], ARGV[4], ARGV[5]
if version ~= expected then return { 'stale', version } end
local line = redis.call('HGET', LINES, lineId)
if not line and redis.call('HLEN', LINES) >= ${MOST_LINES} then return { 'lines' } end
local since = line and line:match('%d+$') or version + 1
redis.call('HSET', LINES, lineId, quantity .. ' ' .. since)
changed()
return { 'done', version }`

/** Removes a line. Additional ARGV: expected version, ID of the line. Replies with the cart's version. */
export const remove = `${open}
local expected, lineId = ARGV[3], ARGV[4]
if version ~= expected then return { 'stale', version } end
if redis.call('HDEL', LINES, lineId) == 0 then return { 'missing' } end
changed()
return { 'done', version }`

/** Deletes a cart. Additional ARGV: expected version or '' for any, event. */
export const deleteCart = `${open}
local expected, event = ARGV[3], ARGV[4]
if expected ~= '' and version ~= expected then return { 'stale', version } end
redis.call('DEL', CART, LINES, REQUESTS)
redis.call('ZREM', '${ACTIVE_KEY}', CART)
if owner ~= '' then redis.call('DEL', MINE) end
if network then stopCounting(CART, network) end
outbox_append(event, version + 1)
return { 'done' }`

/**
 * Moves the lines of a guest's cart into a customer's cart, and deletes the guest's cart. Additional KEYS: the guest's cart, its lines, its
 * requests. Additional ARGV: event of the merge, event of the deletion. Replies with the customer's cart, like `read`. Changes nothing if
 * the other cart is missing or is not a guest's cart.
 */
export const merge = `${open}
local GUEST, GUEST_LINES, GUEST_REQUESTS = KEYS[5], KEYS[6], KEYS[7]
local merging, deletion = ARGV[3], ARGV[4]
if owner == '' then return { 'missing' } end
local guest, guestVersion, guestNetwork = unpack(redis.call('HMGET', GUEST, 'owner', 'version', 'network'))
if guest ~= '' then return contents() end
local lines = redis.call('HGETALL', GUEST_LINES)
local count = redis.call('HLEN', LINES)
for index = 1, #lines, 2 do
  if redis.call('HEXISTS', LINES, lines[index]) == 0 then count = count + 1 end
end
if count > ${MOST_LINES} then return { 'lines' } end
for index = 1, #lines, 2 do
  local line = redis.call('HGET', LINES, lines[index])
  local quantity, since = 0, version + 1
  if line then quantity, since = line:match('^(%d+) (%d+)$') end
  quantity = math.min(quantity + lines[index + 1]:match('^%d+'), ${MOST_PIECES})
  redis.call('HSET', LINES, lines[index], quantity .. ' ' .. since)
end
redis.call('DEL', GUEST, GUEST_LINES, GUEST_REQUESTS)
redis.call('ZREM', '${ACTIVE_KEY}', GUEST)
if guestNetwork then stopCounting(GUEST, guestNetwork) end
changed()
outbox_append(merging, version)
outbox_append(deletion, guestVersion + 1)
return contents()`

/**
 * Takes carts that were unchanged for a time out of the carts with lines, and marks them as abandoned. KEYS: the carts with lines. ARGV: the
 * time in milliseconds, the maximum number of carts. Replies with the number of carts that were taken out, and with those among them that
 * still exist. One script does both, so that each cart is counted once over all replicas.
 */
export const takeAbandoned = `${milliseconds}
local ACTIVE, age, most = KEYS[1], ARGV[1], ARGV[2]
local idle = redis.call('ZRANGE', ACTIVE, '-inf', milliseconds() - age, 'BYSCORE', 'LIMIT', 0, most)
local abandoned = 0
for _, cart in ipairs(idle) do
  redis.call('ZREM', ACTIVE, cart)
  if redis.call('EXISTS', cart) == 1 then
    redis.call('HSET', cart, 'abandoned', 1)
    abandoned = abandoned + 1
  end
end
return { #idle, abandoned }`
