import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Problem, systemClock } from '@bulkhead/chassis/core'
import { httpServer } from '@bulkhead/testing/http-server'
import { recordingLog, silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import Stripe from 'stripe'
import { type Provider, ProviderRefusal } from '../src/providers/provider.ts'
import { providerPaymentOf } from '../src/providers/stripe/payment-intent.ts'
import { stripeProvider } from '../src/providers/stripe/provider.ts'
import { newOrder, newRefund, paymentOf } from './helper.ts'

const MOCK = 'github.com/stripe/stripe-mock@v0.203.0'
const keys = {
  secretKey: 'sk_test_123',
  webhookSecret: 'whsec_of_the_tests',
  clock: systemClock,
  log: silentLog,
  registry: new Registry()
}
const within = (milliseconds = 5_000) => ({
  requestId: 'test',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  deadline: Date.now() + milliseconds
})
const asked = () => ({ id: paymentOf(newOrder()), amount: { amount: 1_000, currency: 'EUR' }, method: 'pm_card_visa' })

type Fields = Partial<Omit<Stripe.PaymentIntent, 'last_payment_error'>> & { last_payment_error?: object }
const intent = (fields: Fields) =>
  ({ id: 'pi_1', metadata: { reference: 'pay_1' }, amount_received: 0, ...fields }) as Stripe.PaymentIntent

describe('A PaymentIntent of Stripe', () => {
  for (const [status, state] of [
    ['requires_capture', 'authorised'],
    ['requires_action', 'pending'],
    ['processing', 'pending'],
    ['canceled', 'voided']
  ] as const) {
    it(`with the status ${status} is ${state}`, () => {
      const { action, reason, ...remote } = providerPaymentOf(intent({ status, client_secret: 'pi_1_secret' }), [])
      assert.deepEqual(remote, { remoteId: 'pi_1', reference: 'pay_1', state, captured: 0, refunds: [] })
      assert.deepEqual(action, state === 'pending' ? { id: 'pi_1_secret' } : undefined)
      assert.equal(reason, undefined)
    })
  }

  it('that succeeded is captured, and has the IDs of its refunds except failed ones', () => {
    const refunds = [
      { id: 're_1', amount: 100, status: 'succeeded', metadata: { reference: 'rfd_1' } },
      { id: 're_2', amount: 200, status: 'failed', metadata: { reference: 'rfd_2' } },
      { id: 're_3', amount: 300, status: 'pending', metadata: {} }
    ] as unknown as Stripe.Refund[]
    const remote = providerPaymentOf(intent({ status: 'succeeded', amount_received: 900 }), refunds)
    assert.partialDeepStrictEqual(remote, { state: 'captured', captured: 900 })
    assert.deepEqual(remote.refunds, [
      { id: 'rfd_1', amount: 100 },
      { id: 're_3', amount: 300 }
    ])
  })

  it('with a declined card has the reason of the decline', () => {
    const reasonOf = (last_payment_error: object) =>
      providerPaymentOf(intent({ status: 'requires_payment_method', last_payment_error }), []).reason
    assert.equal(reasonOf({ code: 'card_declined', decline_code: 'insufficient_funds' }), 'insufficient-funds')
    assert.equal(reasonOf({ code: 'card_declined', decline_code: 'generic_decline' }), 'card-declined')
    assert.equal(reasonOf({ code: 'something' }), 'refused-by-provider')
  })
})

describe('The provider stripe', () => {
  const provider = stripeProvider(keys)
  const body = (type: string, metadata: object) => JSON.stringify({ type, data: { object: { metadata } } })
  const parse = (text: string, signature: string) => provider.parseWebhook(Buffer.from(text), signature, new Date())

  it('accepts only webhooks that are signed in the same way as by Stripe’s own library', () => {
    const text = body('payment_intent.succeeded', { reference: 'pay_1' })
    const sign = (secret: string, timestamp = Math.floor(Date.now() / 1000)) =>
      Stripe.webhooks.generateTestHeaderString({ payload: text, secret, timestamp })
    assert.deepEqual(parse(text, sign(keys.webhookSecret)), { reference: 'pay_1', state: 'captured' })
    for (const header of [sign('whsec_other'), sign(keys.webhookSecret, 1)])
      assert.throws(
        () => parse(text, header),
        (error: Problem) => error.status === 400
      )
  })

  it('requests a hold with a key and a reference, and returns a declined payment for a declined card', async () => {
    const requests: { headers: IncomingHttpHeaders; text: string }[] = []
    const error = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds', message: 'No' }
    const server = await httpServer(async (request, response) => {
      let text = ''
      for await (const part of request) text += part
      requests.push({ headers: request.headers, text })
      response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    })
    const order = asked()
    const remote = await stripeProvider({ ...keys, url: server.url }).authorise(order, within())
    const { remoteId, ...declined } = remote
    const reason = 'insufficient-funds'
    assert.deepEqual(declined, { reference: order.id, state: 'declined', reason, captured: 0, refunds: [] })
    assert.equal(remoteId, undefined)
    const [{ headers, text }] = requests as [(typeof requests)[0]]
    assert.equal(headers['idempotency-key'], order.id)
    const hold = { amount: '1000', currency: 'eur', capture_method: 'manual', confirm: 'true' }
    const sent = Object.fromEntries(new URLSearchParams(text))
    assert.partialDeepStrictEqual(sent, { ...hold, 'metadata[reference]': order.id })
    await server.stop()
  })

  it('logs a request that Stripe refuses, and returns a declined payment', async () => {
    const refusal = { type: 'invalid_request_error', message: 'No such PaymentMethod', param: 'payment_method' }
    const server = await httpServer((request, response) => {
      request.resume()
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: refusal }))
    })
    const { log, lines } = recordingLog()
    const order = asked()
    const remote = await stripeProvider({ ...keys, log, url: server.url }).authorise(order, within())
    assert.equal(remote.state, 'declined')
    assert.equal(remote.reason, 'payment-method-refused')
    assert.equal(lines.length, 1)
    assert.equal(lines[0]!.cause, 'No such PaymentMethod')
    assert.equal(lines[0]!.param, 'payment_method')
    assert.equal(lines[0]!.payment, order.id)
    await server.stop()
  })

  for (const [what, status, isRight] of [
    ['a 500', 500, (error: unknown) => error instanceof Problem && error.status === 503],
    ['a 429', 429, (error: unknown) => error instanceof Problem && error.status === 503],
    ['a 400', 400, (error: unknown) => error instanceof ProviderRefusal],
    ['a wrong key', 401, (error: unknown) => !(error instanceof ProviderRefusal) && !(error instanceof Problem)]
  ] as const) {
    it(`rejects with the right error for ${what}`, async () => {
      const server = await httpServer((_request, response) => {
        const error = { type: 'invalid_request_error', message: 'No' }
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
      })
      const named = { id: 'pay_1', remoteId: 'pi_1' }
      await assert.rejects(stripeProvider({ ...keys, url: server.url }).capture(named, 1, within()), isRight)
      await server.stop()
    })
  }

  it('waits no longer than the deadline', async () => {
    const server = await httpServer(() => undefined)
    const capture = stripeProvider({ ...keys, url: server.url }).capture(
      { id: 'pay_1', remoteId: 'pi_1' },
      1,
      within(300)
    )
    await assert.rejects(capture, (error: Problem) => error.status === 503)
    await server.stop()
  })
})

describe('The provider stripe, while Stripe is unavailable,', () => {
  const named = { id: 'pay_1', remoteId: 'pi_1' }
  const isAway = (error: unknown) => error instanceof Problem && error.status === 503

  for (const [what, answer] of [
    ['answered 502', (_request: unknown, response: ServerResponse) => response.writeHead(502).end('{}')],
    ['did not answer', () => undefined]
  ] as const) {
    it(`sends no more requests after Stripe ${what} for a while`, async () => {
      let requests = 0
      const server = await httpServer((request, response) => {
        requests++
        answer(request, response)
      })
      const stripe = stripeProvider({ ...keys, registry: new Registry(), url: server.url })
      for (let turn = 0; turn < 15; turn++) await assert.rejects(stripe.get(named, within(500)), isAway)
      assert.equal(requests, 10)
      await server.stop()
    })
  }
})

describe(`stripe-mock, which checks requests by Stripe's OpenAPI,`, () => {
  let mock: ReturnType<typeof spawn> | undefined
  let provider: Provider

  before(async function () {
    this.timeout(300_000)
    const program = stripeMock()
    if (program === undefined) {
      console.log(`      skipped: there is neither stripe-mock nor Go; go install ${MOCK}`)
      return this.skip()
    }
    // The process chooses its own port. A port that was free earlier may be in use by the time that the process listens.
    mock = spawn(program, ['-http-port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let said = ''
    mock.stdout!.on('data', text => {
      said += text
    })
    const port = await until(() => /Listening for HTTP at address: \S+:(\d+)\n/.exec(said)?.[1])
    provider = stripeProvider({ ...keys, url: `http://127.0.0.1:${port}` })
  })
  after(() => void mock?.kill())

  const named = { id: 'pay_1', remoteId: 'pi_123' }
  const states = ['pending', 'authorised', 'declined', 'captured', 'voided']

  it('accepts each request of the provider', async () => {
    const amount = 700
    const answers = [
      await provider.authorise(asked(), within()),
      await provider.capture(named, amount, within()),
      await provider.void(named, within()),
      await provider.refund(named, { id: newRefund(), amount }, within()),
      await provider.get(named, within()),
      await provider.get({ id: paymentOf(newOrder()) }, within())
    ]
    for (const remote of answers)
      assert.ok(remote === undefined || states.includes(remote.state), JSON.stringify(remote))
    // A declined payment would mean that Stripe refused the request.
    assert.notEqual(answers[0]!.reason, 'payment-method-refused')
    const { changed, until } = await provider.changedSince('2020-01-01T00:00:00.000Z', undefined, within())
    assert.ok(Array.isArray(changed) && !Number.isNaN(Date.parse(until)))
  })

  it("refuses a request that does not match Stripe's OpenAPI", async () => {
    const wrong = { ...asked(), amount: { amount: 'many' as unknown as number, currency: 'EUR' } }
    assert.equal((await provider.authorise(wrong, within())).reason, 'payment-method-refused')
  })
})

/** Returns the path of stripe-mock, and builds it once if Go is installed. Returns undefined if there is neither stripe-mock nor Go. */
function stripeMock(): string | undefined {
  const { status, stdout } = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' })
  const built = join(status === 0 ? stdout.trim() : join(homedir(), 'go'), 'bin/stripe-mock')
  const found = () => [built, 'stripe-mock'].find(program => spawnSync(program, ['-version']).status === 0)
  if (!found() && status === 0) spawnSync('go', ['install', MOCK], { stdio: 'ignore', timeout: 240_000 })
  return found()
}
