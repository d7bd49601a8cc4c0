import { TAG } from './keys.ts'
import { LIFE, MOST_LINES, MOST_PIECES, REQUESTS } from './limits.ts'

/*
 * A cart is a hash (owner, network, version, createdAt, updatedAt) and a hash of its lines: `<product>/<sku>` to `<quantity> <version
 * of the cart at which the line came>`, which tells their order. A list has the last requests that added to it: `<key> <content>
 * <version> <quantity>`. A customer's cart is found by a key of the customer. Owner '' is a guest's. The carts of guests are also in
 * two sorted sets of the network that made them, by the milliseconds since the epoch at which they expire. A script answers with a
 * word and what belongs to it; any word but `done` and `new` means that nothing changed.
 */

const clock = `
local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * Goes before the scripts of one cart. KEYS: cart, lines, requests, key of the caller. ARGV: caller, now. The keys of the network can't be
 * declared, as only the cart knows which it is; they have the hash tag of the others. A cart of an older release has no network.
 */
export const opening = `${clock}
local CART, LINES, REQUESTS, MINE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local CALLER, NOW = ARGV[1], ARGV[2]
local owner, version, network = unpack(redis.call('HMGET', CART, 'owner', 'version', 'network'))
if not owner or (owner ~= '' and owner ~= CALLER) then return { 'missing' } end

local function networkKeys(network)
  return '${TAG}:network:' .. network .. ':empty', '${TAG}:network:' .. network .. ':filled'
end

local function countAsFilled(life)
  local empty, filled = networkKeys(network)
  redis.call('ZREM', empty, CART)
  redis.call('ZADD', filled, milliseconds() + life, CART)
  redis.call('PEXPIRE', filled, life)
end

local function countNoMore(cart, network)
  for _, key in ipairs({ networkKeys(network) }) do redis.call('ZREM', key, cart) end
end

local function changed()
  local life = owner == '' and ${LIFE.guest} or ${LIFE.customer}
  version = version + 1
  redis.call('HSET', CART, 'version', version, 'updatedAt', NOW)
  redis.call('PEXPIRE', CART, life)
  redis.call('PEXPIRE', LINES, life)
  if owner ~= '' then
    redis.call('PEXPIRE', MINE, life)
  elseif network then
    countAsFilled(life)
  end
end

local function contents()
  return { 'done', redis.call('HGETALL', CART), redis.call('HGETALL', LINES) }
end
`

/** Goes before the scripts that make a cart. KEYS: cart. ARGV: customer or network, now, ID, event. */
const making = `
local CART, NOW, ID, EVENT = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local function make(owner, life)
  redis.call('HSET', CART, 'owner', owner, 'version', 1, 'createdAt', NOW, 'updatedAt', NOW)
  redis.call('PEXPIRE', CART, life)
  outbox_append(EVENT, 1)
  return { 'new', ID }
end
`

/** Also KEYS: key of the customer, key of one who was erased. Gives a customer who has a cart that one. */
export const createForCustomer = `${making}
local CUSTOMER, MINE, ERASED = ARGV[1], KEYS[2], KEYS[3]
if redis.call('EXISTS', ERASED) == 1 then return { 'missing' } end
local known = redis.call('GET', MINE)
if known then return { 'known', known } end
redis.call('SET', MINE, ID, 'PX', ${LIFE.customer})
return make(CUSTOMER, ${LIFE.customer})`

/**
 * Also KEYS: the network's empty carts, its others. Also ARGV: carts of the network at most: empty ones, and all. Refuses with the
 * milliseconds until the first of too many expires.
 */
export const createForGuest = `${clock}${making}
local NETWORK, EMPTY, FILLED = ARGV[1], KEYS[2], KEYS[3]
local mostEmpty, most = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = milliseconds()
local function count(set)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', time)
  return redis.call('ZCARD', set)
end
local function wait(set)
  local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  return first[2] and first[2] - time or ${LIFE.guest}
end
local empty = count(EMPTY)
if empty >= mostEmpty then return { 'too-many-empty', wait(EMPTY) } end
if empty + count(FILLED) >= most then return { 'too-many', math.min(wait(EMPTY), wait(FILLED)) } end
redis.call('ZADD', EMPTY, time + ${LIFE.empty}, CART)
redis.call('PEXPIRE', EMPTY, ${LIFE.empty})
redis.call('HSET', CART, 'network', NETWORK)
return make('', ${LIFE.empty})`

export const read = 'return contents()'

/** KEYS: key of a customer who was erased. ARGV: milliseconds that this is known. */
export const noteErased = "redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])"

/** ARGV: caller, now, line, how many more, key of the request and a digest of what it asks for, or '' for none. */
export const add = `
local place, more, key, content = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if key ~= '' then
  for _, request in ipairs(redis.call('LRANGE', REQUESTS, 0, -1)) do
    local knownKey, knownContent, version, quantity = request:match('^(%S+) (%S+) (%d+) (%d+)$')
    if knownKey == key then
      if knownContent ~= content then return { 'reused' } end
      return { 'done', tonumber(version), tonumber(quantity) }
    end
  end
end
local line = redis.call('HGET', LINES, place)
local quantity, since = 0, version + 1
if line then
  quantity, since = line:match('^(%d+) (%d+)$')
elseif redis.call('HLEN', LINES) >= ${MOST_LINES} then
  return { 'lines' }
end
if quantity + more > ${MOST_PIECES} then return { 'pieces' } end
quantity = quantity + more
redis.call('HSET', LINES, place, quantity .. ' ' .. since)
changed()
if key ~= '' then
  redis.call('LPUSH', REQUESTS, table.concat({ key, content, version, quantity }, ' '))
  redis.call('LTRIM', REQUESTS, 0, ${REQUESTS.most - 1})
  redis.call('PEXPIRE', REQUESTS, ${REQUESTS.life})
end
return { 'done', version, quantity }`

/** ARGV: caller, now, expected version, line, quantity. */
export const set = `
local expected, place, quantity = ARGV[3], ARGV[4], ARGV[5]
if version ~= expected then return { 'stale', version } end
local line = redis.call('HGET', LINES, place)
if not line and redis.call('HLEN', LINES) >= ${MOST_LINES} then return { 'lines' } end
local since = line and line:match('%d+$') or version + 1
redis.call('HSET', LINES, place, quantity .. ' ' .. since)
changed()
return { 'done', version }`

/** ARGV: caller, now, expected version, line. */
export const remove = `
local expected, place = ARGV[3], ARGV[4]
if version ~= expected then return { 'stale', version } end
if redis.call('HDEL', LINES, place) == 0 then return { 'missing' } end
changed()
return { 'done', version }`

/** ARGV: caller, now, expected version or '' for any, event. */
export const deleteAll = `
local expected, event = ARGV[3], ARGV[4]
if expected ~= '' and version ~= expected then return { 'stale', version } end
redis.call('DEL', CART, LINES, REQUESTS)
if owner ~= '' then redis.call('DEL', MINE) end
if network then countNoMore(CART, network) end
outbox_append(event, version + 1)
return { 'done' }`

/** KEYS 5 to 7: the guest's cart, its lines and requests. ARGV: caller, now, event of the merge, event of the guest's deletion. */
export const merge = `
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
if guestNetwork then countNoMore(GUEST, guestNetwork) end
changed()
outbox_append(merging, version)
outbox_append(deletion, guestVersion + 1)
return contents()`
