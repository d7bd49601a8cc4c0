import { createHmac } from 'node:crypto'
import { type InvalidPlace, isSameSecret, Problem } from '@bulkhead/chassis/core'
import { readJson } from '@bulkhead/chassis/http'

/** Maximum difference between a signature's time and our time, in seconds. Clocks differ; an older webhook is a replay. */
const TOLERANCE = 300
/**
 * Maximum number of signatures. While a provider changes its secret, it sends one signature for the old secret and one for the new secret.
 */
const MOST_SIGNATURES = 10

/**
 * Returns the JSON of a webhook that is signed in Stripe's scheme. The header is `t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, and
 * may have more `v1` and other schemes. Throws a 400 for a signature that is missing, malformed, wrong or more than five minutes off. Also
 * throws a 400 for a signed body that is not a JSON object. https://docs.stripe.com/webhooks#verify-manually
 */
export function verifyWebhook(body: Buffer, signature: string | undefined, secret: string, now: Date): object {
  const fields = (signature ?? '').split(',').map(field => field.split('=', 2) as [string, string | undefined])
  const times = fields.filter(([name]) => name === 't')
  const given = fields.filter(([name]) => name === 'v1').slice(0, MOST_SIGNATURES)
  const time = times.length === 1 ? times[0]![1] : undefined
  if (time === undefined || !/^\d{1,12}$/.test(time) || given.length === 0)
    throw badWebhook('Must be t=<seconds>,v1=<signature>')
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex')
  if (!given.some(([, hex = '']) => isSameSecret(hex, expected)))
    throw badWebhook('The signature does not match the body')
  if (Math.abs(now.getTime() / 1000 - Number(time)) > TOLERANCE)
    throw badWebhook('The time of the signature is more than five minutes off')
  const json = readJson(body)
  if (typeof json !== 'object' || json === null) throw badWebhook('Must be a JSON object', '/body')
  return json
}

function badWebhook(detail: string, pointer = '/headers/stripe-signature') {
  const errors: InvalidPlace[] = [{ pointer, detail }]
  return new Problem(400, 'bad-webhook', 'The webhook is not from the provider', { errors })
}
