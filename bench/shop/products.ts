import { etagOf } from '@bulkhead/chassis/contract'
import { Failure } from '../../packages/cli/src/failure.ts'
import { sendOnce } from '../load/wrk.ts'

export type PublishedProduct = { id: string; version: number; variants: { sku: string }[] }

/** Creates and publishes products with two variants in the catalog at `url`. */
export async function publishProducts(url: string, staff: string, count: number): Promise<PublishedProduct[]> {
  const products: PublishedProduct[] = []
  for (let number = 1; number <= count; number++) {
    const draft = { method: 'POST', path: '/products', token: staff, body: productOf(number) } as const
    products.push(await publish(url, staff, (await sendOnce(url, draft)) as PublishedProduct))
  }
  return products
}

async function publish(url: string, staff: string, { id, version }: PublishedProduct) {
  const answer = await fetch(`${url}/products/${id}/publish`, {
    method: 'POST',
    headers: { authorization: `Bearer ${staff}`, 'if-match': etagOf(version) },
    signal: AbortSignal.timeout(10_000)
  })
  if (!answer.ok) throw new Failure(`publishing ${id} answers ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as PublishedProduct
}

const SIZES = ['Small', 'Large']

const productOf = (number: number) => ({
  handle: `bench-mug-${number}`,
  title: `Mug ${number}`,
  description: `<p>${'A mug of stoneware, glazed blue, for 300 ml of what you like. '.repeat(8)}</p>`,
  tags: ['kitchen', 'blue', 'gift'],
  options: [{ name: 'Size', values: SIZES }],
  variants: SIZES.map(size => ({
    sku: `BENCH-${number}-${size.toUpperCase()}`,
    options: { Size: size },
    prices: [{ amount: 1250, currency: 'EUR' }]
  }))
})
