import assert from 'node:assert/strict'
import fc from 'fast-check'
import { advance, type Outcome } from '../src/lifecycle/changes.ts'
import {
  finalStates,
  nextState,
  nextStep,
  type State,
  states,
  type Trigger,
  transitions
} from '../src/lifecycle/machine.ts'
import { openRefunds, recordAnswers, refundable } from '../src/lifecycle/refunds.ts'
import type { StoredOrder } from '../src/orders/store.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const HELD_UNTIL = new Date('2026-01-01T00:00:30Z')
const EUR = (amount: number) => ({ amount, currency: 'EUR' })

const placed = {
  id: 'ord_1',
  version: 1,
  state: 'placed',
  history: [],
  refunds: [],
  total: EUR(1_000),
  paymentMethod: 'pm_1',
  settled: false,
  nextAt: HELD_UNTIL,
  attempts: 0
} as unknown as StoredOrder

/** The outcomes of all steps and requests. */
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
    .map(type => ({ type }) as Outcome),
  fc.constant<Outcome>({ type: 'action-needed', action: { id: 'sbx_1' } }),
  fc.boolean().map(settled => ({ type: 'captured', settled }) as const),
  fc.constant<Outcome>({ type: 'settled' }),
  fc.integer({ min: 1, max: 400 }).map(amount => ({ type: 'refund', amount: EUR(amount), reason: 'returned' }) as const)
)

describe('the life of an order', () => {
  it('can reach a final state from each state', () => {
    const follow = (state: State): State[] => Object.values(transitions[state])
    for (const state of states) {
      const seen = new Set([state])
      for (const each of seen) for (const next of follow(each)) seen.add(next)
      assert.ok(
        finalStates.some(end => seen.has(end)),
        state
      )
    }
  })

  it('has a next step in each state that does not wait for a person', () => {
    const waiting = states.filter(state => !nextStep({ state, settled: true }) && !finalStates.includes(state))
    assert.deepEqual(waiting, ['captured'])
  })

  it('never leads from an undo step to captured, unless the payment was already captured', () => {
    for (const state of ['rejecting', 'declining', 'cancelling', 'expiring'] as const) {
      assert.deepEqual(Object.keys(transitions[state]), ['undone', 'captured'])
      assert.deepEqual(Object.keys(transitions[transitions[state].undone]), [])
    }
  })

  const follow = (...outcomes: Outcome[]) =>
    outcomes.reduce((order, each) => advance(order, each, NOW, HELD_UNTIL).state, placed)

  it('has the reason in its final state', () => {
    const ended = (outcome: Outcome) => {
      const { state, reason, history } = follow(outcome, { type: 'undone' })
      assert.equal(history.at(-1)!.reason, reason)
      return { state, reason }
    }
    assert.deepEqual(ended({ type: 'declined', reason: 'card-declined' }), {
      state: 'declined',
      reason: 'card-declined'
    })
    assert.deepEqual(ended({ type: 'out-of-stock', reason: 'short of MUG' }), {
      state: 'rejected',
      reason: 'short of MUG'
    })
    assert.deepEqual(ended({ type: 'cancel' }), { state: 'cancelled', reason: undefined })
    assert.deepEqual(ended({ type: 'out-of-time' }), { state: 'expired', reason: undefined })
  })

  it('keeps the reason of a refund after the refund is done', () => {
    const captured: Outcome[] = [{ type: 'authorised' }, { type: 'captured', settled: true }]
    const returned = follow(...captured, { type: 'refund', amount: EUR(1_000), reason: 'returned' })
    const { reason } = advance(returned, repay(returned, 0), NOW, HELD_UNTIL).state
    assert.equal(reason, 'returned')
  })

  it('has no reason if the order was captured in the end', () => {
    const { state, reason } = follow({ type: 'declined', reason: 'x' }, { type: 'captured', settled: false })
    assert.deepEqual({ state, reason }, { state: 'captured', reason: undefined })
  })

  it('keeps a completed refund when another one is refused, and can refund the refused amount again', () => {
    const paid = { ...placed, state: 'captured' as const, settled: false }
    const asked = advance(paid, { type: 'refund', amount: EUR(400), reason: 'returned' }, NOW, HELD_UNTIL).state
    const both = advance(asked, { type: 'stock-gone', reason: 'out-of-stock' }, NOW, HELD_UNTIL).state
    const { state, events } = advance(both, repay(both, 1), NOW, HELD_UNTIL)
    assert.deepEqual(
      state.refunds.map(({ done, refused }) => ({ done, refused })),
      [
        { done: false, refused: 'above-capture' },
        { done: true, refused: undefined }
      ]
    )
    assert.equal(state.state, 'captured')
    assert.equal(refundable(state).amount, 400)
    assert.deepEqual(events, [])
    const [one, two] = state.refunds.map(({ id }) => id) as [string, string]
    const late = recordAnswers(state, { refunds: [one], refused: [{ id: two, reason: 'above-capture' }] })
    assert.deepEqual(late, state) // The first answers stay.
  })

  it('follows its table, publishes each event once, and never refunds more than was paid', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, fc.nat(3)), { maxLength: 40 }), outcomes => {
        let order = placed
        const published: string[] = []
        for (const [each, refusals] of outcomes) {
          const before = order
          const answer = nextStep(order) === 'refund' ? repay(order, refusals) : each
          if (answer.type === 'refund' && answer.amount.amount > refundable(order).amount) continue
          const { state, events } = advance(order, answer, NOW, HELD_UNTIL)
          order = state
          published.push(...events.map(({ type }) => type))
          checkChange(before, order)
        }
        assert.equal(new Set(published).size, published.length)
        if (order.state === 'refunded') assert.equal(paidBack(order), 1_000)
        assert.equal(openRefunds(order).length > 0, order.state === 'refunding')
      })
    )
  })
})

/** Asserts that a change follows the table and leaves the order consistent. */
function checkChange(before: StoredOrder, order: StoredOrder) {
  if (order.state !== before.state) {
    const triggers = Object.keys(transitions[before.state]) as Trigger[]
    assert.ok(triggers.some(trigger => nextState(before.state, trigger) === order.state))
    assert.equal(order.history.at(-1)!.state, order.state)
  }
  assert.equal(order.nextAt !== undefined, nextStep(order) !== undefined, order.state)
  assert.equal(order.paymentMethod !== undefined, nextStep(order) === 'secure', order.state)
  assert.ok(refundable(order).amount >= 0)
  if (nextStep(before) === 'refund') assert.ok(order.state === 'captured' || order.state === 'refunded')
  if (finalStates.includes(before.state)) assert.deepEqual(order.state, before.state)
}

/** Returns the answers to all open refunds. A refund is refused if its bit is set in `refusals`. */
function repay(order: StoredOrder, refusals: number): Outcome {
  const ids = openRefunds(order).map(({ id }) => id)
  const [no, yes] = [
    ids.filter((_, place) => refusals & (1 << place)),
    ids.filter((_, place) => !(refusals & (1 << place)))
  ]
  const refused = no.map(id => ({ id, reason: 'above-capture' }))
  return no.length > 0 ? { type: 'refund-refused', refunds: yes, refused } : { type: 'repaid', refunds: yes }
}

const paidBack = ({ refunds }: StoredOrder) =>
  refunds.filter(({ done }) => done).reduce((sum, { amount }) => sum + amount.amount, 0)
