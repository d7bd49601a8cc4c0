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
  ...{ id: 'ord_1', version: 1, state: 'placed', history: [], refunds: [], settled: false, attempts: 0 },
  ...{ total: EUR(1_000), nextAt: HELD_UNTIL, paymentMethod: 'pm_1' }
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
    .map(type => ({ type }) as Outcome),
  fc.constant<Outcome>({ type: 'action-needed', action: { id: 'sbx_1' } }),
  fc.boolean().map(settled => ({ type: 'captured', settled }) as const),
  fc.constant<Outcome>({ type: 'settled' }),
  fc.integer({ min: 1, max: 400 }).map(amount => ({ type: 'refund', amount: EUR(amount), reason: 'returned' }) as const)
)

describe('the life of an order', () => {
  it('can end, whatever state it is in', () => {
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

  it('has something to do in every state that nobody else moves', () => {
    const waiting = states.filter(state => !nextStep({ state, settled: true }) && !finalStates.includes(state))
    assert.deepEqual(waiting, ['captured'])
  })

  it('is never paid for what is undone: no way from being undone leads to being captured, but for what was captured already', () => {
    for (const state of ['rejecting', 'declining', 'cancelling', 'expiring'] as const) {
      assert.deepEqual(Object.keys(transitions[state]), ['undone', 'captured'])
      assert.deepEqual(Object.keys(transitions[transitions[state].undone]), [])
    }
  })

  it('tells in its end why it came to it', () => {
    const follow = (...outcomes: Outcome[]) =>
      outcomes.reduce((order, each) => advance(order, each, NOW, HELD_UNTIL).state, placed)
    const ended = (...outcomes: Outcome[]) => {
      const { state, reason, history } = follow(...outcomes)
      assert.equal(history.at(-1)!.reason, reason)
      return [state, reason]
    }
    const undone: Outcome = { type: 'undone' }
    assert.deepEqual(ended({ type: 'declined', reason: 'card-declined' }, undone), ['declined', 'card-declined'])
    assert.deepEqual(ended({ type: 'out-of-stock', reason: 'short of MUG' }, undone), ['rejected', 'short of MUG'])
    assert.deepEqual(ended({ type: 'cancel' }, undone), ['cancelled', undefined])
    assert.deepEqual(ended({ type: 'out-of-time' }, undone), ['expired', undefined])
    const captured: Outcome[] = [{ type: 'authorised' }, { type: 'captured', settled: true }]
    const returned = follow(...captured, { type: 'refund', amount: EUR(1_000), reason: 'returned' })
    const { reason } = advance(returned, repay(returned, 0), NOW, HELD_UNTIL).state
    assert.equal(reason, 'returned')
    // What was captured after all is not so since it was declined.
    assert.deepEqual(ended({ type: 'declined', reason: 'x' }, { type: 'captured', settled: false }), [
      'captured',
      undefined
    ])
  })

  it('keeps of two refunds the one that was done, and has the refused one to refund again', () => {
    const paid = { ...placed, state: 'captured' as const, settled: false }
    const asked = advance(paid, { type: 'refund', amount: EUR(400), reason: 'returned' }, NOW, HELD_UNTIL).state
    const both = advance(asked, { type: 'stock-gone', reason: 'out-of-stock' }, NOW, HELD_UNTIL).state
    const { state, events } = advance(both, repay(both, 1), NOW, HELD_UNTIL)
    assert.deepEqual(
      state.refunds.map(({ done, refused }) => [done, refused]),
      [
        [false, 'above-capture'],
        [true, undefined]
      ]
    )
    assert.deepEqual([state.state, refundable(state).amount, events], ['captured', 400, []])
    const [one, two] = state.refunds.map(({ id }) => id) as [string, string]
    const late = recordAnswers(state, { refunds: [one], refused: [{ id: two, reason: 'above-capture' }] })
    assert.deepEqual(late, state) // what was answered stays so
  })

  it('goes along its table only, tells each end once, refunds no more than was paid, and is in hand while something is to be done', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, fc.nat(3)), { maxLength: 40 }), outcomes => {
        let order = placed
        const told: string[] = []
        for (const [each, refusals] of outcomes) {
          const before = order
          const answer = nextStep(order) === 'refund' ? repay(order, refusals) : each
          if (answer.type === 'refund' && answer.amount.amount > refundable(order).amount) continue
          const { state, events } = advance(order, answer, NOW, HELD_UNTIL)
          order = state
          told.push(...events.map(({ type }) => type))
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
  return no.length > 0 ? { type: 'refund-refused', refunds: yes, refused } : { type: 'repaid', refunds: yes }
}

const paidBack = ({ refunds }: StoredOrder) =>
  refunds.filter(({ done }) => done).reduce((sum, { amount }) => sum + amount.amount, 0)
