import assert from 'node:assert/strict'
import { agreed, type Direct, directly, newOrder, newRefund, paymentOf, type Service, startService } from './helper.ts'
import { diesAt } from './kill-points.ts'

/** After this time, every unfinished payment is due (ms). */
const LATER_MS = 120_000
const MOST_POINTS = 30
const REFUND = newRefund()

/**
 * For each kind of work: its preparation, the work to kill, the state after a repeated request, the possible states after reconciliation,
 * and the minimum number of points.
 */
const works = {
  authorise: {
    prepare: async () => undefined,
    work: ({ authorise }: Direct, order: string) => authorise(order),
    repeated: 'authorised',
    reconciled: ['none', 'authorising', 'authorised'],
    points: 6
  },
  'authorise with a step of the customer': {
    prepare: async () => undefined,
    work: ({ authorise }: Direct, order: string) => authorise(order, 'pm_authenticate'),
    repeated: 'pending',
    reconciled: ['none', 'authorising', 'pending'],
    points: 6
  },
  capture: {
    prepare: ({ authorise }: Direct, order: string) => authorise(order),
    work: ({ capture }: Direct, order: string) => capture(order),
    repeated: 'captured',
    reconciled: ['authorised', 'captured'],
    points: 6
  },
  void: {
    prepare: ({ authorise }: Direct, order: string) => authorise(order),
    work: (direct: Direct, order: string) => direct.void(order),
    repeated: 'voided',
    reconciled: ['authorised', 'voided'],
    points: 6
  },
  'void before the authorisation': {
    prepare: async () => undefined,
    work: (direct: Direct, order: string) => direct.void(order),
    repeated: 'voided',
    reconciled: ['none', 'voided'],
    points: 2
  },
  'refund a part': {
    prepare: ({ authorise, capture }: Direct, order: string) => authorise(order).then(() => capture(order)),
    work: ({ refund }: Direct, order: string) => refund(order, REFUND, 400),
    repeated: 'captured',
    reconciled: ['captured'],
    points: 8
  },
  'refund all': {
    prepare: ({ authorise, capture }: Direct, order: string) => authorise(order).then(() => capture(order)),
    work: ({ refund }: Direct, order: string) => refund(order, REFUND, 1_000),
    repeated: 'refunded',
    reconciled: ['captured', 'refunded'],
    points: 8
  }
}

describe('A replica that is killed before or after each write and each call of the provider', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  /**
   * Runs `work` on replicas that are killed at the first point, at the second point and so on, until a replica finishes.
   * Calls `check` after each kill. Returns the number of points.
   */
  async function atEachPoint(
    prepare: (direct: Direct, order: string) => Promise<unknown>,
    work: (direct: Direct, order: string) => Promise<unknown>,
    check: (order: string, point: string) => Promise<void>
  ) {
    for (let nth = 1; nth <= MOST_POINTS; nth++) {
      const order = newOrder()
      await prepare(service.direct, order)
      const { dying, died } = diesAt(nth)
      const ended = work(directly(dying(service.dependencies)), order).then(() => 'lived')
      const point = await Promise.race([died, ended])
      if (point === 'lived') return nth - 1
      await check(order, point)
    }
    throw new Error('It never came to its end')
  }

  for (const [name, { prepare, work, repeated, reconciled, points }] of Object.entries(works)) {
    it(`charges nothing twice when "${name}" is repeated`, async () => {
      const passed = await atEachPoint(prepare, work, async (order, point) => {
        await work(service.direct, order)
        assert.equal(await agreed(service, order), repeated, point)
        await work(service.direct, order)
        assert.equal(await agreed(service, order), repeated, point)
      })
      assert.ok(passed >= points, `${passed} points`)
    })

    it(`agrees with the provider after "${name}" and reconciliation`, async () => {
      await atEachPoint(prepare, work, async (order, point) => {
        service.clock.ahead += LATER_MS
        await service.reconcile()
        const state = await agreed(service, order)
        assert.ok(reconciled.includes(state), `${state} ${point}`)
      })
    })
  }

  it('leaves no money held at the provider after a void and reconciliation', async () => {
    await atEachPoint(works.authorise.prepare, works.authorise.work, async (order, point) => {
      await service.direct.void(order)
      service.clock.ahead += LATER_MS
      await service.reconcile()
      assert.equal(await agreed(service, order), 'voided', point)
    })
  })

  it('applies a repeated webhook once', async () => {
    const prepare = async ({ authorise }: Direct, order: string) => {
      await authorise(order, 'pm_authenticate')
      service.sandbox.change(paymentOf(order), { state: 'captured', captured: 1_000 })
    }
    const webhook = ({ webhook }: Direct, order: string) => webhook(paymentOf(order), 'payment.captured')
    const passed = await atEachPoint(prepare, webhook, async (order, point) => {
      await webhook(service.direct, order)
      assert.equal(await agreed(service, order), 'captured', point)
    })
    assert.ok(passed >= 6, `${passed} points`)
  })

  it('lets another replica take over reconciliation', async () => {
    const prepare = async ({ refund, authorise, capture }: Direct, order: string) => {
      await authorise(order)
      await capture(order)
      service.sandbox.fail('refundPayment', 503)
      await refund(order, newRefund(), 10).catch(() => undefined)
      service.sandbox.mend()
      service.clock.ahead += LATER_MS
    }
    const passed = await atEachPoint(
      prepare,
      ({ reconcile }) => reconcile(),
      async (order, point) => {
        service.clock.ahead += LATER_MS
        await service.reconcile()
        assert.equal(await agreed(service, order), 'captured', point)
        assert.equal(service.sandbox.paymentOf(paymentOf(order))!.refunds.length, 1, point)
      }
    )
    assert.ok(passed >= 8, `${passed} points`)
  })
})
