import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { networkKeys, networkOf } from '../src/carts/keys.ts'
import { startService } from './helper.ts'

const MOST_EMPTY = 3
const MOST = 5

describe("guests' carts of one network", () => {
  let service: Awaited<ReturnType<typeof startService>>
  let network: string
  let networks = 0
  before(async () => {
    service = await startService({
      config: {
        EMPTY_CARTS_PER_NETWORK: String(MOST_EMPTY),
        GUEST_CARTS_PER_NETWORK: String(MOST)
      }
    })
  })
  beforeEach(() => {
    network = `192.0.2.${++networks}`
  })
  after(() => service.close())

  const create = (address = network) => service.send('post', '/carts').set('X-Forwarded-For', address)
  const createEmpty = async (): Promise<string> => (await create().expect(201)).body.id
  const createFilled = async () => {
    const id = await createEmpty()
    await service
      .send('post', `/carts/${id}/lines`)
      .send({ productId: newId('prd'), sku: 'MUG' })
      .expect(200)
    return id
  }
  const remove = (id: string, version: number) => service.send('delete', `/carts/${id}`).set('If-Match', `"${version}"`)
  async function times<T>(count: number, run: () => Promise<T>) {
    const results: T[] = []
    for (let turn = 0; turn < count; turn++) results.push(await run())
    return results
  }
  /** Asserts that the network gets no more carts, and returns the detail of the problem. */
  async function assertRefused() {
    const { body, headers } = await create().expect(429)
    assert.equal(body.type, 'urn:bulkhead:problem:too-many-carts')
    assert.ok(Number(headers['retry-after']) > 0 && Number(headers['retry-after']) <= 3_600, headers['retry-after'])
    return body.detail as string
  }

  it('are limited in number while they have no line, independently of other networks', async () => {
    await times(MOST_EMPTY, createEmpty)
    assert.match(await assertRefused(), /3 empty carts/)
    await create('2001:db8:0:1').expect(201)
  })

  it('are limited in number when they have lines', async () => {
    await times(MOST, createFilled)
    assert.match(await assertRefused(), /5 carts/)
  })

  it('make room for an empty cart when a cart gets its first line', async () => {
    const [first] = await times(MOST_EMPTY, createEmpty)
    await assertRefused()
    await service
      .send('put', `/carts/${first}/lines/${newId('prd')}/MUG`)
      .set('If-Match', '"1"')
      .send({ quantity: 1 })
      .expect(200)
    await createEmpty()
    await assertRefused()
  })

  it('make room when a cart is deleted, empty or not, also from another network', async () => {
    await times(MOST - 1, createFilled)
    const empty = await createEmpty()
    await assertRefused()
    await remove(empty, 1).expect(204)
    const filled = await createFilled()
    await assertRefused()
    await remove(filled, 2).set('X-Forwarded-For', '192.0.2.250').expect(204)
    await createEmpty()
  })

  it("make room when a cart is merged into a customer's cart", async () => {
    const { header } = customer()
    const own = await service.createCart(header)
    const [first] = await times(MOST, createFilled)
    await assertRefused()
    await service.send('post', `/carts/${own.id}/merge`, header).send({ from: first }).expect(200)
    await createEmpty()
  })

  it('make room when a cart has expired', async () => {
    await times(MOST_EMPTY, createEmpty)
    await assertRefused()
    const [key] = networkKeys(networkOf(network)) as [empty: string, filled: string]
    const [soonest] = await service.redis.zrange(key, '0', '0')
    await service.redis.zadd(key, 'XX', `${Date.now() - 1_000}`, soonest!)
    await createEmpty()
    await assertRefused()
  })

  it('do not limit the carts of customers', async () => {
    await times(MOST_EMPTY, createEmpty)
    await assertRefused()
    await service.send('post', '/carts', customer().header).set('X-Forwarded-For', network).expect(201)
  })

  it('include all carts of requests without an address', async () => {
    const createWithoutAddress = () => service.send('post', '/carts')
    await times(MOST_EMPTY, () => createWithoutAddress().expect(201))
    await createWithoutAddress().expect(429)
  })

  it('are limited when many requests come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create()))
    assert.equal(answers.filter(({ status }) => status === 201).length, MOST_EMPTY)
  })

  it('are stored without the address of the network', async () => {
    const id = await createEmpty()
    const fields = await service.redis.hvals(`{cart}:${id}`)
    const text = [...(await service.redis.keys('*')), ...fields].join(' ')
    assert.ok(!text.includes(network), text)
  })
})
