import { createHmac } from 'node:crypto'
import type { FakeService } from '@bulkhead/testing/fake-service'
import type { SandboxPayment, sandboxNeeds } from '../src/clients/sandbox.ts'

type Payment = SandboxPayment & { amount: { amount: number; currency: string } }

export const SECRET = 'a-secret-of-the-tests'
const refusal = (status: number) => ({ status, body: {} })

/**
 * Lets a fake answer like the sandbox, from memory. It knows the methods `pm_approve`, `pm_decline` and `pm_authenticate`. Like a real
 * provider, it remembers idempotency keys, and moves no more money than was authorised or captured.
 */
export function fakeSandbox(service: FakeService<typeof sandboxNeeds.operations>) {
  const payments = new Map<string, Payment>()
  const byKey = new Map<string, Payment>()
  let ticks = 0

  const bodyOf = (payment: Payment) => ({ ...payment, refunds: [...payment.refunds] })
  const changed = (payment: Payment) => {
    payment.changedAt = new Date(Date.UTC(2030, 0, 1) + ticks++).toISOString()
    return { body: bodyOf(payment) }
  }

  function createPayment({ body }: { body: unknown }) {
    const { reference, amount, method } = body as { reference: string; amount: Payment['amount']; method: string }
    const earlier = byKey.get(reference)
    if (earlier) return { status: 201, body: bodyOf(earlier) }
    if (method === 'pm_unknown') return refusal(422)
    const state = method === 'pm_decline' ? 'declined' : method === 'pm_authenticate' ? 'pending' : 'authorised'
    const reason = method === 'pm_decline' ? 'card-declined' : undefined
    const id = `sbx_${payments.size}`
    const payment: Payment = {
      id,
      reference,
      state,
      reason,
      amount,
      captured: 0,
      refunds: [],
      changedAt: ''
    }
    payments.set(id, payment)
    byKey.set(reference, payment)
    return { status: 201, ...changed(payment) }
  }

  function capture(payment: Payment, amount: number) {
    if (payment.state === 'captured' && payment.captured === amount) return { body: bodyOf(payment) }
    if (payment.state !== 'authorised') return refusal(409)
    if (amount > payment.amount.amount) return refusal(422)
    Object.assign(payment, { state: 'captured', captured: amount })
    return changed(payment)
  }

  function voidPayment(payment: Payment) {
    if (payment.state === 'voided') return { body: bodyOf(payment) }
    if (payment.state === 'captured' || payment.state === 'declined') return refusal(409)
    payment.state = 'voided'
    return changed(payment)
  }

  function refund(payment: Payment, refund: { reference: string; amount: number }) {
    if (payment.refunds.some(({ reference }) => reference === refund.reference)) return { body: bodyOf(payment) }
    const sum = payment.refunds.reduce((sum, { amount }) => sum + amount, refund.amount)
    if (sum > payment.captured) return refusal(422)
    payment.refunds.push(refund)
    return changed(payment)
  }

  const all = () => [...payments.values()]
  const one = (asked: { params: Record<string, string> }) => payments.get(asked.params.id!)

  /** Lets the fake answer as usual again. */
  function mend() {
    service.answer('createPayment', createPayment)
    service.answer('getPayment', asked => (one(asked) ? { body: bodyOf(one(asked)!) } : refusal(404)))
    service.answer('listPayments', ({ query }) => {
      const { reference, changedSince = '', cursor = '' } = query
      const matching = all()
        .filter(payment => reference === undefined || payment.reference === reference)
        .filter(payment => payment.changedAt >= changedSince && payment.changedAt > cursor)
        .sort((one, other) => (one.changedAt < other.changedAt ? -1 : 1))
      const items = matching.slice(0, 2)
      return {
        body: { items: items.map(bodyOf), nextCursor: matching.length > 2 ? items.at(-1)!.changedAt : undefined }
      }
    })
    service.answer('capturePayment', asked => capture(one(asked)!, (asked.body as { amount: number }).amount))
    service.answer('voidPayment', asked => voidPayment(one(asked)!))
    service.answer('refundPayment', asked => refund(one(asked)!, asked.body as { reference: string; amount: number }))
  }
  mend()

  return {
    ...service,
    all,
    mend,
    /** Returns the payment of a reference; undefined if there is none. Throws if there are two. */
    paymentOf(reference: string) {
      const found = all().filter(payment => payment.reference === reference)
      if (found.length > 1) throw new Error(`${reference} was charged ${found.length} times`)
      return found[0]
    },
    /** Changes a payment, like a customer at the bank or staff at the provider. */
    change(reference: string, change: Partial<Payment>) {
      const payment = byKey.get(reference)!
      Object.assign(payment, change)
      changed(payment)
    },
    /** Moves the money, but does not send the answer. */
    loseAnswerOf(operation: 'createPayment' | 'capturePayment' | 'refundPayment' | 'voidPayment') {
      service.answer(operation, asked => {
        if (operation === 'createPayment') createPayment(asked)
        if (operation === 'capturePayment') capture(one(asked)!, (asked.body as { amount: number }).amount)
        if (operation === 'refundPayment') refund(one(asked)!, asked.body as { reference: string; amount: number })
        if (operation === 'voidPayment') voidPayment(one(asked)!)
        return { status: 503, body: {}, headers: { 'Retry-After': '60' } }
      })
    }
  }
}

/** Returns a webhook's body and its signature, in the form in which the sandbox sends them. */
export function signed(reference: string, type: string, { at = Date.now(), secret = SECRET } = {}) {
  const body = JSON.stringify({
    id: 'evt_1',
    type,
    createdAt: new Date(at).toISOString(),
    data: { id: 'sbx_0', reference }
  })
  const t = Math.floor(at / 1000)
  return { body, signature: `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}` }
}
