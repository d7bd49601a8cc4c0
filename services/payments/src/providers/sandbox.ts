import type { CallContext } from '@bulkhead/chassis/client'
import { Problem } from '@bulkhead/chassis/core'
import type { Sandbox, SandboxPayment } from '../clients/sandbox.ts'
import { verifyWebhook } from '../webhooks/signature.ts'
import {
  type PaymentReference,
  type Provider,
  type ProviderPayment,
  ProviderRefusal,
  type WebhookHint
} from './provider.ts'

const PAGE = 100

/** Makes the stand-in provider. */
export function sandboxProvider(sandbox: Omit<Sandbox, 'close'>, webhookSecret: string): Provider {
  const keyed = (key: string) => ({ 'idempotency-key': key })

  async function find({ id, remoteId }: PaymentReference, context: CallContext) {
    if (remoteId) return await sandbox.getPayment({ params: { id: remoteId } }, context)
    return (await sandbox.listPayments({ query: { reference: id, limit: 1 } }, context)).items[0]
  }
  async function remoteIdOf(payment: PaymentReference, context: CallContext) {
    const remoteId = payment.remoteId ?? (await find(payment, context))?.id
    if (remoteId === undefined) throw new ProviderRefusal('The provider has no such payment')
    return remoteId
  }

  return {
    name: 'sandbox',

    async authorise({ id, amount, method }, context) {
      const body = { reference: id, amount, method }
      try {
        return providerPaymentOf(await sandbox.createPayment({ headers: keyed(id), body }, context))
      } catch (error) {
        if (statusOf(error) !== 422) throw error
        return { reference: id, state: 'declined', reason: 'payment-method-refused', captured: 0, refunds: [] }
      }
    },
    async capture(payment, amount, context) {
      const params = { id: await remoteIdOf(payment, context) }
      return providerPaymentOf(await sandbox.capturePayment({ params, body: { amount } }, context).catch(throwRefusal))
    },
    async void(payment, context) {
      const params = { id: await remoteIdOf(payment, context) }
      return providerPaymentOf(await sandbox.voidPayment({ params }, context).catch(throwRefusal))
    },
    async refund(payment, { id, amount }, context) {
      const params = { id: await remoteIdOf(payment, context) }
      const input = { params, headers: keyed(id), body: { reference: id, amount } }
      return providerPaymentOf(await sandbox.refundPayment(input, context).catch(throwRefusal))
    },
    async get(payment, context) {
      try {
        const present = await find(payment, context)
        return present && providerPaymentOf(present)
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        return undefined
      }
    },
    async changedSince(since, cursor, context) {
      const query = { changedSince: since, limit: PAGE, cursor }
      const { items, nextCursor } = await sandbox.listPayments({ query }, context)
      return { changed: items.map(providerPaymentOf), until: items.at(-1)?.changedAt ?? since, next: nextCursor }
    },
    parseWebhook: (body, signature, now) => hintOf(verifyWebhook(body, signature, webhookSecret, now))
  }
}

function hintOf({ type, data }: { type?: unknown; data?: unknown }): WebhookHint {
  const reference = (data as { reference?: unknown } | undefined)?.reference
  const state = /^payment\.(pending|authorised|declined|captured|voided)$/.exec(String(type))?.[1]
  return {
    reference: typeof reference === 'string' ? reference : undefined,
    state: state as ProviderPayment['state'] | undefined
  }
}

const providerPaymentOf = (payment: SandboxPayment): ProviderPayment => ({
  remoteId: payment.id,
  reference: payment.reference,
  state: payment.state,
  captured: payment.captured,
  refunds: payment.refunds.map(({ reference, amount }) => ({ id: reference, amount })),
  reason: payment.reason,
  action: payment.state === 'pending' ? { id: payment.id } : undefined
})

const statusOf = (error: unknown) => (error as { status?: number }).status

/**
 * Throws a `ProviderRefusal` for a 404, 409 or 422, otherwise the same error. The client rejects with a plain error for a 409 and a 422.
 */
function throwRefusal(error: unknown): never {
  const status = statusOf(error)
  if (error instanceof Problem && status !== 404) throw error
  if (status === 404 || status === 409 || status === 422)
    throw new ProviderRefusal(`The sandbox answered ${status}`, { cause: error })
  throw error
}
