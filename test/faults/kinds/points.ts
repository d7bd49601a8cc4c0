/*
 * The named points in the processing of an order: the writes, calls and events of each service, with the names from packages/chassis.
 * Every paid order passes the points of `always`, and some orders pass those of `sometimes`.
 */

type Points = { writes: string[]; calls: string[]; events?: string[] }

const PUBLISHING = ['after-write-before-publish', 'after-publish-before-mark', 'after-mark']
const ACKNOWLEDGING = ['after-effect-before-acknowledge', 'after-acknowledge']

const WAY: Record<string, { always: Points; sometimes: Points }> = {
  orders: {
    always: {
      writes: ['orders.insert.placed', 'orders.update.capturing', 'orders.update.captured'],
      calls: [
        'catalog.listOffers',
        'inventory.reserve',
        'payments.putPayment',
        'payments.capturePayment',
        'inventory.commit'
      ],
      events: PUBLISHING
    },
    sometimes: {
      writes: [
        'orders.update.pending',
        'orders.update.cancelling',
        'orders.update.refunding',
        'orders.update.declining'
      ],
      calls: ['payments.voidPayment', 'inventory.release', 'payments.putRefund'],
      events: ACKNOWLEDGING
    }
  },
  inventory: {
    always: { writes: ['reservations.insert.held', 'stock.update', 'reservations.update.committed'], calls: [] },
    sometimes: { writes: ['reservations.update.released'], calls: [] }
  },
  payments: {
    always: {
      writes: [
        'payments.insert.authorising',
        'payments.update.authorised',
        'journal.insert',
        'payments.update.captured'
      ],
      calls: ['orders.getCharge', 'sandbox.createPayment', 'sandbox.capturePayment']
    },
    sometimes: {
      // `payments.update` without a state is the write that records a refund.
      writes: ['payments.update.voided', 'payments.update.declined', 'payments.update'],
      calls: ['sandbox.voidPayment', 'sandbox.refundPayment', 'sandbox.getPayment'],
      events: PUBLISHING
    }
  },
  sandbox: {
    // `payments.update` without a state is the write that records accepted webhooks.
    always: {
      writes: ['payments.insert.authorised', 'payments.update.captured', 'payments.update'],
      calls: ['payments.receiveWebhook']
    },
    sometimes: { writes: ['payments.update.voided'], calls: [] }
  }
}

/**
 * Two points of a service, one for each replica. `passings` says at which pass each replica dies. With `isLeased`, only one replica at a
 * time can pass the points.
 */
export type Pair = { service: string; points: string[]; passings: number[]; isLeased?: boolean }

/** The passes at which the replicas die. At points of every order, only one dies at the first pass. At rare points, both do. */
const [ALWAYS, SOMETIMES] = [
  [1, 3],
  [1, 1]
]

/** All pairs of points. The points before and after the same event are one pair. */
export const pairs: Pair[] = Object.entries(WAY).flatMap(([service, { always, sometimes }]) => [
  ...pairsOf(always).map(points => ({ service, points, passings: ALWAYS, isLeased: points.some(isLeased) })),
  ...pairsOf(sometimes).map(points => ({ service, points, passings: SOMETIMES }))
])

function isLeased(point: string) {
  return point.endsWith('payments.receiveWebhook')
}

function pairsOf({ writes, calls, events = [] }: Points): string[][] {
  const around = (what: string) => (of: string) => [`before-${what}:${of}`, `after-${what}:${of}`]
  const two = Array.from({ length: Math.ceil(events.length / 2) }, (_, place) => events.slice(2 * place, 2 * place + 2))
  return [...writes.map(around('write')), ...calls.map(around('call')), ...two]
}
