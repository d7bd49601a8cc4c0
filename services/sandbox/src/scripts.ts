/*
 * A payment is a text of JSON. Where it stands in a list is a member `<changedAt> <id>` of a sorted set whose scores are all 0, which Redis sorts
 * by the member: one set of all payments, and one of each reference. Another set has when the next webhook of a payment is due, in
 * milliseconds since the epoch, of those that have one.
 */

/** Goes before both. KEYS: payment, all, those of its reference, due. ARGV: the payment, its ID, its place, when a webhook is due or '', its life in milliseconds. */
const store = `
local PAYMENT, ALL, REFERENCE, DUE = unpack(KEYS)
local text, id, place, due, life = unpack(ARGV)
local function store(oldPlace)
  redis.call('SET', PAYMENT, text, 'PX', life)
  for _, list in ipairs({ ALL, REFERENCE }) do
    if oldPlace and oldPlace ~= place then redis.call('ZREM', list, oldPlace) end
    redis.call('ZADD', list, 0, place)
  end
  redis.call('PEXPIRE', REFERENCE, life)
  if due == '' then redis.call('ZREM', DUE, id) else redis.call('ZADD', DUE, due, id) end
end
`

/** Also KEYS: the request, and ARGV: what to keep of it. Answers with what was kept of the same request before; else stores a new payment. */
export const insert = `${store}
local made = redis.call('GET', KEYS[5])
if made then return made end
redis.call('SET', KEYS[5], ARGV[6], 'PX', life)
store()`

/** KEYS: the failures of a request. ARGV: milliseconds that they are known. Answers with how many there are, this one included. */
export const countFailure = `
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count`

/** Also ARGV: the payment as it was read, and its place. Answers 0 where it is another by now, which stays. */
export const change = `${store}
if redis.call('GET', PAYMENT) ~= ARGV[6] then return 0 end
store(ARGV[7])
return 1`
