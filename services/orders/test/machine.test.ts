import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ends, type Known, moves, type State, stateAfter, states, stepOf } from '../src/machine.ts'
import { advance, type Outcome, refundable, type StoredOrder } from '../src/order.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const HELD = new Date('2026-01-01T00:00:30Z')
const EUR = (amount: number) => ({ amount, currency: 'EUR' })

const placed = {
  ...{ id: 'ord_1', version: 1, state: 'placed', history: [], refunds: [], settled: false, attempts: 0 },
  ...{ total: EUR(1_000), nextAt: HELD }
} as unknown as StoredOrder

/** What each step may bring, as its neighbours answer. */
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc
    .constantFrom(
      'authorised',
      'out-of-stock',
      'declined',
      'cancel',
      'out-of-time',
      'capture-refused',
      'undone',
      'stock-gone'
    )
    .map(known => ({ known }) as Outcome),
  fc.constant<Outcome>({ known: 'action-needed', action: { id: 'sbx_1' } }),
  fc.boolean().map(settled => ({ known: 'captured', settled }) as const),
  fc.constant<Outcome>({ known: 'settled' }),
  fc
    .integer({ min: 1, max: 400 })
    .map(amount => ({ known: 'refund', amount: EUR(amount), reason: 'returned' }) as const)
)

describe('the life of an order', () => {
  it('can end, whatever state it is in', () => {
    const follow = (state: State): State[] => Object.values(moves[state])
    for (const state of states) {
      const seen = new Set([state])
      for (const each of seen) for (const next of follow(each)) seen.add(next)
      assert.ok(
        ends.some(end => seen.has(end)),
        state
      )
    }
  })

  it('has something to do in every state that nobody else moves', () => {
    const waiting = states.filter(state => !stepOf({ state, settled: true }) && !ends.includes(state))
    assert.deepEqual(waiting, ['captured'])
  })

  it('is never paid for what is undone: no way from being undone leads to being captured, but for what was captured already', () => {
    for (const state of ['rejecting', 'declining', 'cancelling', 'expiring'] as const) {
      assert.deepEqual(Object.keys(moves[state]), ['undone', 'captured'])
      assert.deepEqual(Object.keys(moves[moves[state].undone]), [])
    }
  })

  it('goes along its table only, tells each end once, refunds no more than was paid, and is in hand while something is to be done', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 40 }), outcomes => {
        let order = placed
        const told: string[] = []
        for (const each of outcomes) {
          const before = order
          const answer = stepOf(order) === 'refund' ? repay(order) : each
          if (answer.known === 'refund' && answer.amount.amount > refundable(order).amount) continue
          const { state, events } = advance(order, answer, NOW, HELD)
          order = state
          told.push(...events.map(({ type }) => type))
          if (order.state !== before.state) {
            const knowns = Object.keys(moves[before.state]) as Known[]
            assert.ok(knowns.some(known => stateAfter(before.state, known) === order.state))
            assert.equal(order.history.at(-1)!.state, order.state)
          }
          assert.equal(order.nextAt !== undefined, stepOf(order) !== undefined, order.state)
          assert.ok(refundable(order).amount >= 0)
          if (ends.includes(before.state)) assert.deepEqual(order.state, before.state)
        }
        assert.equal(new Set(told).size, told.length)
        if (order.state === 'refunded') assert.equal(refundable(order).amount, 0)
      })
    )
  })
})

const repay = ({ refunds }: StoredOrder): Outcome => ({
  known: 'repaid',
  refunds: refunds.filter(({ done }) => !done).map(({ id }) => id)
})
