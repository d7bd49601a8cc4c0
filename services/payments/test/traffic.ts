import { any, type OpenTraffic } from '@bulkhead/testing/traffic'

const PAYMENTS = '/api/v1/payments/payments'

/** Writes place orders and pay them. Reads read their payments. */
export const traffic: OpenTraffic = async ({ tokens: { staff }, trafficOf }) => {
  const orders = await trafficOf('orders')
  const ids: string[] = []
  return {
    ...orders,
    read: () =>
      ids.length === 0
        ? orders.read()
        : { method: 'GET', path: `${PAYMENTS}/${any(ids)}`, token: staff, expected: [200, 404] },
    write() {
      const sent = orders.write()
      const answered = (order: { id: string }) => {
        ids.push(order.id)
        sent.answered?.(order)
      }
      return { ...sent, answered }
    }
  }
}
