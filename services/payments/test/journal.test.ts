import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import fc from 'fast-check'
import { legsOf } from '../src/journal/movements.ts'
import {
  agreed,
  type Direct,
  directly,
  journalOf,
  newOrder,
  newRefund,
  paymentOf,
  type Service,
  startService
} from './helper.ts'
import { diesAt } from './kill-points.ts'

const die = (points: number) => fc.option(fc.integer({ min: 1, max: points }))

/**
 * The steps of orders, the customer and the provider. `die` is the point at which the replica is killed. The weights let a fifth of the
 * sequences move money.
 */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('authorise' as const), die: die(7) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('capture' as const),
      amount: fc.option(fc.integer({ min: 1, max: 1_100 })),
      die: die(7)
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), die: die(7) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      which: fc.integer({ min: 0, max: 3 }),
      amount: fc.integer({ min: 1, max: 700 }),
      die: die(9)
    })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('authenticate' as const), approve: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('webhook' as const),
      state: fc.constantFrom('authorised', 'captured', 'refunded', 'voided')
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) }
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A simple model of a payment. `act` returns the expected status. */
class Model {
  state = 'none'
  captured = 0
  refunds = new Map<number, number>()

  refunded = () => [...this.refunds.values()].reduce((sum, amount) => sum + amount, 0)

  act(asked: Step, method: string): number | undefined {
    if (asked.do === 'authorise') {
      if (this.state === 'none')
        this.state = { pm_approve: 'authorised', pm_decline: 'declined', pm_authenticate: 'pending' }[method]!
      return 200
    }
    if (asked.do === 'authenticate' && this.state === 'pending') this.state = asked.approve ? 'authorised' : 'declined'
    if (asked.do === 'capture') return this.capture(asked.amount ?? 1_000)
    if (asked.do === 'void') {
      if (this.state === 'captured') return 409
      if (this.state !== 'declined') this.state = 'voided'
      return 200
    }
    if (asked.do === 'refund') return this.refund(asked.which, asked.amount)
    return undefined
  }

  capture(amount: number) {
    if (this.state === 'none') return 404
    if (this.state === 'captured') return this.captured === amount ? 200 : 409
    if (this.state !== 'authorised') return 409
    if (amount > 1_000) return 422
    this.state = 'captured'
    this.captured = amount
    return 200
  }

  refund(which: number, amount: number) {
    if (this.state === 'none') return 404
    if (this.refunds.has(which)) return this.refunds.get(which) === amount ? 200 : 409
    if (this.state !== 'captured') return 409
    if (this.refunded() + amount > this.captured) return 422
    this.refunds.set(which, amount)
    return 200
  }
}

describe('The journal', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const methods = fc.constantFrom('pm_approve', 'pm_approve', 'pm_authenticate', 'pm_decline')
  const run = (direct: Direct, order: string, method: string, refunds: string[]) => (asked: Step) => {
    if (asked.do === 'authorise') return direct.authorise(order, method)
    if (asked.do === 'capture') return direct.capture(order, asked.amount ?? undefined)
    if (asked.do === 'void') return direct.void(order)
    if (asked.do === 'refund') return direct.refund(order, refunds[asked.which]!, asked.amount)
    if (asked.do === 'webhook') return direct.webhook(paymentOf(order), `payment.${asked.state}`)
    if (asked.do === 'reconcile') return direct.reconcile()
    const remote = service.sandbox.paymentOf(paymentOf(order))
    if (remote?.state === 'pending')
      service.sandbox.change(remote.reference, { state: asked.approve ? 'authorised' : 'declined' })
    return Promise.resolve()
  }
  const statusOf = (error: unknown) => {
    const { status } = error as { status?: number }
    if (status === undefined) throw error
    return status
  }
  const newRefunds = () => [newRefund(), newRefund(), newRefund(), newRefund()]

  async function assertAsModel(order: string, model: Model) {
    const { body } = await service.get(`/payments/${order}`)
    const isRefunded = model.captured > 0 && model.refunded() === model.captured
    const state = model.state === 'none' ? undefined : isRefunded ? 'refunded' : model.state
    const found = { state: body.state, captured: body.captured ?? 0, refunded: body.refunded ?? 0 }
    assert.deepEqual(found, { state, captured: model.captured, refunded: model.refunded() })
  }

  it('follows a model through any sequence of requests', async () => {
    await fc.assert(
      fc.asyncProperty(methods, fc.array(step, { minLength: 5, maxLength: 12, size: 'max' }), async (method, steps) => {
        const order = newOrder()
        const model = new Model()
        const act = run(service.direct, order, method, newRefunds())
        for (const asked of steps) {
          // The record gets the result of the customer's step when the payment is requested again. In this test, the test itself sends that
          // request.
          if (asked.do !== 'authorise' && model.state === 'pending') await act({ do: 'authorise', die: null })
          const expected = model.act(asked, method)
          const status = await Promise.resolve(act(asked)).then(() => 200, statusOf)
          if (asked.do === 'authenticate' && model.state !== 'none' && service.sandbox.paymentOf(paymentOf(order)))
            await act({ do: 'authorise', die: null })
          if (expected !== undefined) assert.equal(status, expected, JSON.stringify(asked))
        }
        await assertAsModel(order, model)
        await agreed(service, order)
      }),
      { numRuns: 60 }
    )
  })

  it('agrees with the provider after any sequence with kills, once reconciliation has run', async () => {
    await fc.assert(
      fc.asyncProperty(methods, fc.array(step, { minLength: 5, maxLength: 10, size: 'max' }), async (method, steps) => {
        const order = newOrder()
        const refunds = newRefunds()
        for (const asked of steps) {
          const { dying, died } = diesAt('die' in asked && asked.die !== null ? asked.die : Number.POSITIVE_INFINITY)
          const work = run(directly(dying(service.dependencies)), order, method, refunds)(asked)
          await Promise.race([died, Promise.resolve(work).then(() => undefined, statusOf)])
        }
        service.clock.ahead += 120_000
        await service.reconcile()
        await agreed(service, order)
      }),
      { numRuns: 60 }
    )
    await assertBalanced()
  })

  /** Asserts that both accounts add up to 0, and that they match the money at the provider. */
  async function assertBalanced() {
    const { body } = await service.get('/journal/balances').expect(200)
    const [one, other] = body.items
    assert.equal(body.items.length, 2)
    assert.equal(one.currency, 'EUR')
    assert.equal(one.amount + other.amount, 0)
    const held = service.sandbox.all().reduce((sum, { captured, refunds }) => {
      return sum + captured - refunds.reduce((sum, { amount }) => sum + amount, 0)
    }, 0)
    assert.equal(body.items.find(({ account }: { account: string }) => account === 'provider-receivable').amount, held)
  }

  it('has two legs that add up to 0, for any amount', () => {
    const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(fc.constantFrom('capture' as const, 'refund' as const), amount, (kind, amount) => {
        const [one, other] = legsOf({ kind, amount })
        return one.amount + other.amount === 0 && one.account !== other.account && Math.abs(one.amount) === amount
      })
    )
  })

  it('is listed page by page, each entry once', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const order = newOrder()
      await service.direct.authorise(order)
      await service.direct.capture(order)
    }
    const entries = await allItems<{ id: string }>(cursor => service.get(`/journal?limit=2${cursor}`).expect(200))
    const seen = entries.map(({ id }) => id)
    assert.ok(seen.length >= 3)
    assert.deepEqual(seen, [...new Set(seen)].sort())
    assert.ok((await journalOf(service)).length > 0)
  })
})
