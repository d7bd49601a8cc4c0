import { Problem } from '@bulkhead/chassis/core'
import type { Sandbox, SandboxPayment } from '../clients/sandbox.ts'
import { verifiedWebhook } from '../webhooks/signature.ts'
import { type Named, type Provider, Refused, type Remote } from './provider.ts'

const PAGE = 100

/** The stand-in provider. */
export function sandboxProvider(sandbox: Omit<Sandbox, 'close'>, webhookSecret: string): Provider {
  const keyed = (key: string) => ({ 'idempotency-key': key })

  async function find({ id, remoteId }: Named, context: Parameters<Provider['get']>[1]) {
    if (remoteId) return await sandbox.getPayment({ params: { id: remoteId } }, context)
    return (await sandbox.listPayments({ query: { reference: id, limit: 1 } }, context)).items[0]
  }
  const remoteIdOf = async (named: Named, context: Parameters<Provider['get']>[1]) =>
    named.remoteId ?? (await find(named, context))?.id ?? refuse('The provider has no such payment')

  return {
    name: 'sandbox',

    async authorise({ id, amount, method }, context) {
      const asked = { headers: keyed(id), body: { reference: id, amount, method } }
      try {
        return remoteOf(await sandbox.createPayment(asked, context))
      } catch (error) {
        if (statusOf(error) !== 422) throw error
        return { reference: id, state: 'declined', reason: 'payment-method-refused', captured: 0, refunds: [] }
      }
    },
    async capture(named, amount, context) {
      const params = { id: await remoteIdOf(named, context) }
      return remoteOf(await sandbox.capturePayment({ params, body: { amount } }, context).catch(asRefusal))
    },
    async void(named, context) {
      const params = { id: await remoteIdOf(named, context) }
      return remoteOf(await sandbox.voidPayment({ params }, context).catch(asRefusal))
    },
    async refund(named, { id, amount }, context) {
      const params = { id: await remoteIdOf(named, context) }
      const asked = { params, headers: keyed(id), body: { reference: id, amount } }
      return remoteOf(await sandbox.refundPayment(asked, context).catch(asRefusal))
    },
    async get(named, context) {
      const found = await find(named, context).catch(error => (statusOf(error) === 404 ? undefined : rethrow(error)))
      return found && remoteOf(found)
    },
    async changedSince(since, cursor, context) {
      const query = { changedSince: since, limit: PAGE, ...(cursor && { cursor }) }
      const { items, nextCursor } = await sandbox.listPayments({ query }, context)
      return { changed: items.map(remoteOf), until: items.at(-1)?.changedAt ?? since, next: nextCursor }
    },
    parseWebhook(body, signature, now) {
      const { type, data } = verifiedWebhook(body, signature, webhookSecret, now) as Record<string, unknown>
      const reference = (data as { reference?: unknown } | undefined)?.reference
      const state = /^payment\.(pending|authorised|declined|captured|voided)$/.exec(String(type))?.[1]
      return {
        reference: typeof reference === 'string' ? reference : undefined,
        state: state as Remote['state'] | undefined
      }
    }
  }
}

const remoteOf = ({ id, reference, state, captured, refunds, reason }: SandboxPayment): Remote => ({
  ...{ remoteId: id, reference, state, captured },
  refunds: refunds.map(refund => ({ id: refund.reference, amount: refund.amount })),
  ...(reason !== undefined && { reason }),
  ...(state === 'pending' && { action: { id } })
})

const statusOf = (error: unknown) => (error as { status?: number }).status

const refuse = (message: string): never => {
  throw new Refused(message)
}

const rethrow = (error: unknown): never => {
  throw error
}

/** The client rejects with what is no 404 and no 5xx as a plain error with its status. */
function asRefusal(error: unknown): never {
  const status = statusOf(error)
  if (error instanceof Problem && status !== 404) throw error
  if (status === 404 || status === 409 || status === 422) throw new Refused(`It answered ${status}`, { cause: error })
  throw error
}
