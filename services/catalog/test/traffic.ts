import { randomBytes } from 'node:crypto'
import { any, type OpenTraffic } from '@bulkhead/testing/traffic'

const PRODUCTS = '/api/v1/catalog/products'
/** The number of IDs in one batch read. */
const BATCH = 50

/** Creates products and reads them. */
export const traffic: OpenTraffic = async ({ ask, tokens: { staff } }) => {
  const run = randomBytes(4).toString('hex')
  const made: string[] = []
  let count = 0
  const newProduct = () => ({ handle: `load-${run}-${count++}`, title: 'Load' })
  made.push((await ask(201, 'POST', PRODUCTS, { as: 'staff', body: newProduct() })).body.id)
  return {
    read: () => ({ method: 'GET', path: `${PRODUCTS}/${any(made)}`, token: staff, expected: [200] }),
    write: () => ({
      method: 'POST',
      path: PRODUCTS,
      token: staff,
      body: newProduct(),
      expected: [201],
      answered: ({ id }) => made.push(id)
    }),
    async check() {
      const lost = new Set(made)
      for (let from = 0; from < made.length; from += BATCH) {
        const ids = made.slice(from, from + BATCH).join(',')
        const { body } = await ask(200, 'GET', `${PRODUCTS}?ids=${ids}`, { as: 'staff' })
        for (const { id } of body.items) lost.delete(id)
      }
      return lost.size > 0 ? [`${lost.size} of ${made.length} acknowledged products are missing`] : []
    }
  }
}
