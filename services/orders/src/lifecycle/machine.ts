/* The state machine of an order. Only this table decides which state follows another state. docs/orders.md shows it as a diagram. */

/** The next state for each trigger, by state. */
export const transitions = {
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

export type State = keyof typeof transitions
export type Trigger = { [S in State]: keyof (typeof transitions)[S] }[State]

export const states = Object.keys(transitions) as [State, ...State[]]

/** The states that an order never leaves. */
export const finalStates = states.filter(state => Object.keys(transitions[state]).length === 0)

/**
 * Returns the state after a trigger. Returns undefined if the trigger does not apply, for example because a concurrent change came first.
 */
export const nextState = (state: State, trigger: Trigger): State | undefined =>
  (transitions[state] as Partial<Record<Trigger, State>>)[trigger]

export const STEPS = ['secure', 'capture', 'settle', 'refund', 'undo'] as const

/** The work that moves an order to its next state. */
export type Step = (typeof STEPS)[number]

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

/** Returns the next step of an order; undefined if there is none. `settled` is true once the stock of a paid order has left. */
export function nextStep({ state, settled }: { state: State; settled: boolean }): Step | undefined {
  const isPaid = state === 'captured' || state === 'refunding'
  return isPaid && !settled ? 'settle' : steps[state]
}
