/*
 * The named points of the order's proxy: what each service writes, asks and tells, as packages/chassis names it. Those of an `always` every
 * order passes that is paid; the others only some do.
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
      // Without a state: the book has begun a refund.
      writes: ['payments.update.voided', 'payments.update.declined', 'payments.update'],
      calls: ['sandbox.voidPayment', 'sandbox.refundPayment', 'sandbox.getPayment'],
      events: PUBLISHING
    }
  },
  sandbox: {
    // Without a state: webhooks were taken.
    always: {
      writes: ['payments.insert.authorised', 'payments.update.captured', 'payments.update'],
      calls: ['payments.receiveWebhook']
    },
    sometimes: { writes: ['payments.update.voided'], calls: [] }
  }
}

/** Two points of a service, one for each replica, and at which passing of it that dies. `isLeased`: only one replica at a time passes them. */
export type Pair = { service: string; points: string[]; passings: number[]; isLeased?: boolean }

/** In the first orders and in the crowd; what few orders pass, at once. */
const [ALWAYS, SOMETIMES] = [
  [1, 3],
  [1, 1]
]

/** All points, before and after of the same side by side. */
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
