/*
 * The life of an order as pure functions. An order moves when something becomes known of it, and then only along this table:
 * nothing else says what state follows. docs/orders.md draws it.
 */

/** From each state, by what became known, the state that follows. */
export const moves = {
  placed: {
    authorised: 'capturing',
    'action-needed': 'pending',
    'out-of-stock': 'rejecting',
    declined: 'declining',
    cancel: 'cancelling',
    'out-of-time': 'expiring'
  },
  pending: {
    authorised: 'capturing',
    'out-of-stock': 'rejecting',
    declined: 'declining',
    cancel: 'cancelling',
    'out-of-time': 'expiring'
  },
  capturing: { captured: 'captured', 'capture-refused': 'declining' },
  captured: { refund: 'refunding', 'stock-gone': 'refunding' },
  refunding: {
    'stock-gone': 'refunding',
    'refunded-in-part': 'captured',
    'refund-refused': 'captured',
    refunded: 'refunded'
  },
  rejecting: { undone: 'rejected', captured: 'captured' },
  declining: { undone: 'declined', captured: 'captured' },
  cancelling: { undone: 'cancelled', captured: 'captured' },
  expiring: { undone: 'expired', captured: 'captured' },
  rejected: {},
  declined: {},
  cancelled: {},
  expired: {},
  refunded: {}
} as const satisfies Record<string, Record<string, string>>

export type State = keyof typeof moves
export type Known = { [S in State]: keyof (typeof moves)[S] }[State]

export const states = Object.keys(moves) as [State, ...State[]]

/** The states that an order does not leave. */
export const ends = states.filter(state => Object.keys(moves[state]).length === 0)

/** The state after `known`; undefined where it means nothing in this state, as when another was faster. */
export const stateAfter = (state: State, known: Known): State | undefined =>
  (moves[state] as Partial<Record<Known, State>>)[known]

/** What there is to do for an order. */
export type Step = 'secure' | 'capture' | 'settle' | 'refund' | 'undo'

const steps: Partial<Record<State, Step>> = {
  placed: 'secure',
  pending: 'secure',
  capturing: 'capture',
  refunding: 'refund',
  rejecting: 'undo',
  declining: 'undo',
  cancelling: 'undo',
  expiring: 'undo'
}

/** What is to be done next; undefined where nothing is. `settled` is whether the stock of what was paid has left. */
export function stepOf({ state, settled }: { state: State; settled: boolean }): Step | undefined {
  const isPaid = state === 'captured' || state === 'refunding'
  return isPaid && !settled ? 'settle' : steps[state]
}
