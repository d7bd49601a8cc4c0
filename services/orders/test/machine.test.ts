import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ends, type Known, moves, type State, stateAfter, states, stepOf } from '../src/lifecycle/machine.ts'
import { answered, openRefunds, refundable } from '../src/lifecycle/refunds.ts'
import { advance, type Outcome, type StoredOrder } from '../src/lifecycle/transitions.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const HELD = new Date('2026-01-01T00:00:30Z')
const EUR = (amount: number) => ({ amount, currency: 'EUR' })

const placed = {
  ...{ id: 'ord_1', version: 1, state: 'placed', history: [], refunds: [], settled: false, attempts: 0 },
  ...{ total: EUR(1_000), nextAt: HELD, paymentMethod: 'pm_1' }
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

  it('tells in its end why it came to it', () => {
    const follow = (...outcomes: Outcome[]) =>
      outcomes.reduce((order, each) => advance(order, each, NOW, HELD).state, placed)
    const ended = (...outcomes: Outcome[]) => {
      const { state, reason, history } = follow(...outcomes)
      assert.equal(history.at(-1)!.reason, reason)
      return [state, reason]
    }
    const undone: Outcome = { known: 'undone' }
    assert.deepEqual(ended({ known: 'declined', reason: 'card-declined' }, undone), ['declined', 'card-declined'])
    assert.deepEqual(ended({ known: 'out-of-stock', reason: 'short of MUG' }, undone), ['rejected', 'short of MUG'])
    assert.deepEqual(ended({ known: 'cancel' }, undone), ['cancelled', undefined])
    assert.deepEqual(ended({ known: 'out-of-time' }, undone), ['expired', undefined])
    const captured: Outcome[] = [{ known: 'authorised' }, { known: 'captured', settled: true }]
    const returned = follow(...captured, { known: 'refund', amount: EUR(1_000), reason: 'returned' })
    const { reason } = advance(returned, repay(returned, 0), NOW, HELD).state
    assert.equal(reason, 'returned')
    // What was captured after all is not so since it was declined.
    assert.deepEqual(ended({ known: 'declined', reason: 'x' }, { known: 'captured', settled: false }), [
      'captured',
      undefined
    ])
  })

  it('keeps of two refunds the one that was done, and has the refused one to refund again', () => {
    const paid = { ...placed, state: 'captured' as const, settled: false }
    const asked = advance(paid, { known: 'refund', amount: EUR(400), reason: 'returned' }, NOW, HELD).state
    const both = advance(asked, { known: 'stock-gone', reason: 'out-of-stock' }, NOW, HELD).state
    const { state, events } = advance(both, repay(both, 1), NOW, HELD)
    assert.deepEqual(
      state.refunds.map(({ done, refused }) => [done, refused]),
      [
        [false, 'above-capture'],
        [true, undefined]
      ]
    )
    assert.deepEqual([state.state, refundable(state).amount, events], ['captured', 400, []])
    const [one, two] = state.refunds.map(({ id }) => id) as [string, string]
    const late = answered(state, { refunds: [one], refused: [{ id: two, reason: 'above-capture' }] })
    assert.deepEqual(late, state) // what was answered stays so
  })

  it('goes along its table only, tells each end once, refunds no more than was paid, and is in hand while something is to be done', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, fc.nat(3)), { maxLength: 40 }), outcomes => {
        let order = placed
        const told: string[] = []
        for (const [each, refusals] of outcomes) {
          const before = order
          const answer = stepOf(order) === 'refund' ? repay(order, refusals) : each
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
          assert.equal(order.paymentMethod !== undefined, stepOf(order) === 'secure', order.state)
          assert.ok(refundable(order).amount >= 0)
          if (stepOf(before) === 'refund') assert.ok(order.state === 'captured' || order.state === 'refunded')
          if (ends.includes(before.state)) assert.deepEqual(order.state, before.state)
        }
        assert.equal(new Set(told).size, told.length)
        if (order.state === 'refunded') assert.equal(paidBack(order), 1_000)
        assert.equal(openRefunds(order).length > 0, order.state === 'refunding')
      })
    )
  })
})

/** The answers to all open refunds; those whose bits are set in `refusals` are refused. */
function repay(order: StoredOrder, refusals: number): Outcome {
  const ids = openRefunds(order).map(({ id }) => id)
  const [no, yes] = [
    ids.filter((_, place) => refusals & (1 << place)),
    ids.filter((_, place) => !(refusals & (1 << place)))
  ]
  const refused = no.map(id => ({ id, reason: 'above-capture' }))
  return no.length > 0 ? { known: 'refund-refused', refunds: yes, refused } : { known: 'repaid', refunds: yes }
}

const paidBack = ({ refunds }: StoredOrder) =>
  refunds.filter(({ done }) => done).reduce((sum, { amount }) => sum + amount.amount, 0)
