import { allItems } from '@bulkhead/testing/all-items'
import { until } from '@bulkhead/testing/until'
import type { Listed, startService } from './helper.ts'

type Service = Awaited<ReturnType<typeof startService>>

/** Returns a CSV file of rows, with the columns of all rows together. */
export function csv(...rows: Record<string, string>[]): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const cell = (text = '') => `"${text.replaceAll('"', '""')}"`
  return [columns, ...rows.map(row => columns.map(column => row[column]))]
    .map(line => `${line.map(cell).join(',')}\n`)
    .join('')
}

/** Sends a file. */
export const send = ({ staff }: Service, file: string | Buffer, query = 'currency=EUR') =>
  staff('post', `/imports?${query}`).set('Content-Type', 'text/csv').send(file)

/** Sends a file, waits until its import is over, and returns the import. */
export async function importFile(service: Service, file: string | Buffer, query?: string) {
  const { body } = await send(service, file, query).expect(202)
  return over(service, body.id)
}

/** Waits until an import is over and returns it. */
export const over = ({ staff }: Service, id: string) =>
  until(async () => {
    const { body } = await staff('get', `/imports/${id}`).expect(200)
    return body.state !== 'running' && body
  }, 60_000)

/** Returns all products, as staff can see them. */
export const allProducts = ({ staff }: Service) =>
  allItems<Listed>(cursor => staff('get', `/products?limit=100${cursor}`))

/** Returns the product with a handle, as staff can see it. */
export async function productOf({ products, staff }: Service, handle: string) {
  const [found] = await products.find({ handle }).toArray()
  return (await staff('get', `/products/${found!.id}`).expect(200)).body
}
