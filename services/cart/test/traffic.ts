import { randomUUID } from 'node:crypto'
import { any, type OpenTraffic } from '@bulkhead/testing/traffic'
import { anyOffer } from './offer.ts'

const CARTS = '/api/v1/cart/carts'
/** This number is small, because a network may have a limited number of guests' carts and each run leaves its carts behind. */
const CART_COUNT = 20

/** Adds pieces to guests' carts and reads the carts. At the end, each cart has all acknowledged pieces. */
export const traffic: OpenTraffic = async ({ ask }) => {
  const { productId, sku } = await anyOffer(ask)
  const carts = new Map<string, number>()
  for (let count = 0; count < CART_COUNT; count++) {
    const { id } = (await ask(201, 'POST', CARTS)).body
    await ask(200, 'POST', `${CARTS}/${id}/lines`, { body: { productId, sku } })
    carts.set(id, 1)
  }
  const ids = [...carts.keys()]
  return {
    read: () => ({ method: 'GET', path: `${CARTS}/${any(ids)}?currency=EUR`, expected: [200] }),
    write() {
      const id = any(ids)
      const answered = () => carts.set(id, carts.get(id)! + 1)
      return {
        method: 'POST',
        path: `${CARTS}/${id}/lines`,
        headers: { 'idempotency-key': randomUUID() },
        body: { productId, sku },
        expected: [200],
        answered
      }
    },
    async check() {
      const findings: string[] = []
      for (const [id, acknowledged] of carts) {
        const answer = ask(200, 'GET', `${CARTS}/${id}?currency=EUR`)
        const quantity = await answer.then(({ body }) => body.lines[0]?.quantity ?? 0, String)
        if (quantity !== acknowledged) findings.push(`${id} has ${quantity} pieces, ${acknowledged} were acknowledged`)
      }
      return findings
    }
  }
}
