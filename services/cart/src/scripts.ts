import { LIFE, MOST_LINES, MOST_PIECES } from './limits.ts'

/*
 * A cart is a hash (owner, version, createdAt, updatedAt) and a hash of its lines: `<product>/<sku>` to `<quantity> <version of
 * the cart at which the line came>`, which tells their order. A customer's cart is found by a key of the customer. Owner '' is
 * a guest's. A script answers with a word and what belongs to it; any word but `done` and `new` means that nothing changed.
 */

/** Goes before the scripts of one cart. KEYS: cart, lines, key of the caller. ARGV: caller, now. */
export const opening = `
local CART, LINES, MINE = KEYS[1], KEYS[2], KEYS[3]
local CALLER, NOW = ARGV[1], ARGV[2]
local owner, version = unpack(redis.call('HMGET', CART, 'owner', 'version'))
if not owner or (owner ~= '' and owner ~= CALLER) then return { 'missing' } end

local function changed()
  local life = owner == '' and ${LIFE.guest} or ${LIFE.customer}
  version = version + 1
  redis.call('HSET', CART, 'version', version, 'updatedAt', NOW)
  redis.call('PEXPIRE', CART, life)
  redis.call('PEXPIRE', LINES, life)
  if owner ~= '' then redis.call('PEXPIRE', MINE, life) end
end

local function contents()
  return { 'done', redis.call('HGETALL', CART), redis.call('HGETALL', LINES) }
end
`

/** ARGV: caller, now, ID, event. MINE and ERASED are only for a customer. */
export const create = `
local CART, MINE, ERASED = KEYS[1], KEYS[2], KEYS[3]
local owner, now, id, event = unpack(ARGV)
local life = owner == '' and ${LIFE.guest} or ${LIFE.customer}
if owner ~= '' then
  if redis.call('EXISTS', ERASED) == 1 then return { 'missing' } end
  local known = redis.call('GET', MINE)
  if known then return { 'known', known } end
  redis.call('SET', MINE, id, 'PX', life)
end
redis.call('HSET', CART, 'owner', owner, 'version', 1, 'createdAt', now, 'updatedAt', now)
redis.call('PEXPIRE', CART, life)
outbox_append(event, 1)
return { 'new', id }`

export const read = 'return contents()'

/** ARGV: caller, now, line, how many more. */
export const add = `
local place, more = ARGV[3], ARGV[4]
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
redis.call('DEL', CART, LINES)
if owner ~= '' then redis.call('DEL', MINE) end
outbox_append(event, version + 1)
return { 'done' }`

/** KEYS 4 and 5: the guest's cart and its lines. ARGV: caller, now, event of the merge, event of the guest's deletion. */
export const merge = `
local GUEST, GUEST_LINES = KEYS[4], KEYS[5]
local merging, deletion = ARGV[3], ARGV[4]
if owner == '' then return { 'missing' } end
local guest, guestVersion = unpack(redis.call('HMGET', GUEST, 'owner', 'version'))
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
redis.call('DEL', GUEST, GUEST_LINES)
changed()
outbox_append(merging, version)
outbox_append(deletion, guestVersion + 1)
return contents()`
