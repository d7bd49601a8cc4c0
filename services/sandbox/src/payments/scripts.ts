/*
 * A list of payments is a sorted set with a member `<changedAt> <id>` for each payment. All scores are 0, so Redis sorts by the members.
 * There is one list of all payments, and one list for each reference. The set of due webhooks has the payments with waiting webhooks. Its
 * scores are the times at which the first webhook of each payment is due, in milliseconds since the epoch.
 */

/**
 * The start of both scripts.
 * KEYS: the payment, the list of all payments, the list of its reference, the due webhooks.
 * ARGV: the payment as JSON, its ID, its member of the lists, when its first webhook is due or '', how long to keep the payment in
 * milliseconds.
 */
const store = `
local PAYMENT, ALL, REFERENCE, DUE = unpack(KEYS)
local text, id, member, due, life = unpack(ARGV)
local function store(oldMember)
  redis.call('SET', PAYMENT, text, 'PX', life)
  for _, list in ipairs({ ALL, REFERENCE }) do
    if oldMember and oldMember ~= member then redis.call('ZREM', list, oldMember) end
    redis.call('ZADD', list, 0, member)
  end
  redis.call('PEXPIRE', REFERENCE, life)
  if due == '' then redis.call('ZREM', DUE, id) else redis.call('ZADD', DUE, due, id) end
end
`

/**
 * Stores a new payment and its request. If the request has already made a payment, changes nothing and returns the stored request.
 * Additional KEYS: the request. Additional ARGV: the request as JSON.
 */
export const insert = `${store}
local made = redis.call('GET', KEYS[5])
if made then return made end
redis.call('SET', KEYS[5], ARGV[6], 'PX', life)
store()`

/**
 * Stores a changed payment and returns 1. Returns 0 and changes nothing if another change came first.
 * Additional ARGV: the payment as it was read, as JSON, and its member of the lists at that time.
 */
export const replace = `${store}
if redis.call('GET', PAYMENT) ~= ARGV[6] then return 0 end
store(ARGV[7])
return 1`

/** Counts a failure of a request and returns the new count. KEYS: the count. ARGV: how long to keep the count in milliseconds. */
export const countFailure = `
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count`
