import request from 'supertest'
import { until } from '../../../packages/chassis/test/until.ts'
import type { catalog } from './helper.ts'

type App = Awaited<ReturnType<typeof catalog>>['app']

export const staff = { Authorization: 'Bearer staff' }

/** Sends a file. */
export const send = (app: App, file: string | Buffer, query = 'currency=EUR') =>
  request(app).post(`/imports?${query}`).set(staff).set('Content-Type', 'text/csv').send(file)

/** Sends a file and waits until its import is over. Resolves with the import. */
export async function importFile(app: App, file: string | Buffer, query?: string) {
  const { status, body } = await send(app, file, query)
  if (status !== 202) throw new Error(`Status ${status}: ${JSON.stringify(body)}`)
  return over(app, body.id)
}

/** Waits until an import is over and resolves with it. */
export const over = (app: App, id: string) =>
  until(async () => {
    const { body } = await request(app).get(`/imports/${id}`).set(staff)
    return body.state !== 'running' && body
  }, 15_000)

/** All products, as staff sees them, in the order of their handles. */
export async function allProducts(app: App) {
  const items = []
  let cursor = ''
  do {
    const { body } = await request(app).get(`/products?limit=100${cursor}`).set(staff)
    items.push(...body.items)
    cursor = body.nextCursor && `&cursor=${body.nextCursor}`
  } while (cursor)
  return items.sort((one, other) => (one.handle < other.handle ? -1 : 1))
}
