import { randomBytes } from 'node:crypto'
import { any, type OpenTraffic } from '@bulkhead/testing/traffic'

const STOCK = '/api/v1/inventory/stock'
const SKU_COUNT = 10

/** Reads stock, and adds single pieces to the stock. */
export const traffic: OpenTraffic = async ({ ask, tokens: { staff } }) => {
  const run = randomBytes(4).toString('hex')
  const stock = new Map<string, number>()
  const received = { change: 1, reason: 'received' }
  for (let count = 0; count < SKU_COUNT; count++) {
    const sku = `LOAD-${run}-${count}`
    await ask(201, 'POST', `${STOCK}/${sku}/adjustments`, { as: 'staff', body: received })
    stock.set(sku, 1)
  }
  const skus = [...stock.keys()]
  return {
    read: () => ({ method: 'GET', path: `${STOCK}/${any(skus)}`, expected: [200] }),
    write() {
      const sku = any(skus)
      return {
        method: 'POST',
        path: `${STOCK}/${sku}/adjustments`,
        token: staff,
        body: received,
        expected: [201],
        answered: () => stock.set(sku, stock.get(sku)! + 1)
      }
    },
    async check() {
      const findings: string[] = []
      for (const [sku, acknowledged] of stock) {
        const available = await ask(200, 'GET', `${STOCK}/${sku}`).then(({ body }) => body.available, String)
        if (available !== acknowledged)
          findings.push(`${sku}: ${available} pieces in stock, but ${acknowledged} acknowledged`)
      }
      return findings
    }
  }
}
