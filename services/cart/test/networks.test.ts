import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { startService } from './helper.ts'

const [EMPTY, ALL] = [3, 5]

describe("guests' carts of one network", () => {
  let service: Awaited<ReturnType<typeof startService>>
  let network: string
  let networks = 0
  before(async () => {
    service = await startService({
      config: { EMPTY_CARTS_PER_NETWORK: String(EMPTY), GUEST_CARTS_PER_NETWORK: String(ALL) }
    })
    service.offers([])
  })
  beforeEach(() => {
    network = `192.0.2.${++networks}`
  })
  after(() => service.close())

  const create = (from = network) => service.send('post', '/carts').set('X-Forwarded-For', from)
  const made = async (from?: string): Promise<string> => (await create(from).expect(201)).body.id
  const add = (id: string) => service.send('post', `/carts/${id}/lines`).send({ productId: newId('prd'), sku: 'MUG' })
  const filled = async () => {
    const id = await made()
    await add(id).expect(200)
    return id
  }
  async function times<T>(count: number, run: () => Promise<T>) {
    const results: T[] = []
    for (let turn = 0; turn < count; turn++) results.push(await run())
    return results
  }
  async function assertRefused(from?: string) {
    const { body, headers } = await create(from).expect(429)
    assert.equal(body.type, 'urn:bulkhead:problem:too-many-carts')
    assert.ok(Number(headers['retry-after']) > 0 && Number(headers['retry-after']) <= 3_600, headers['retry-after'])
    return body.detail as string
  }

  it('are limited to a few without a line; another network has its own', async () => {
    await times(EMPTY, made)
    assert.match(await assertRefused(), /3 empty carts/)
    await create('2001:db8:0:1').expect(201)
  })

  it('are limited in number when they have lines, too', async () => {
    await times(ALL, filled)
    assert.match(await assertRefused(), /5 carts/)
  })

  it('leave room for an empty one when one gets its first line', async () => {
    const [first] = await times(EMPTY, made)
    await assertRefused()
    await service
      .send('put', `/carts/${first}/lines/${newId('prd')}/MUG`)
      .set('If-Match', '"1"')
      .send({ quantity: 1 })
      .expect(200)
    await made()
    await assertRefused()
  })

  it('leave room when one is deleted, empty or not, and from elsewhere too', async () => {
    await times(ALL - 1, filled)
    const empty = await made()
    await assertRefused()
    await service.send('delete', `/carts/${empty}`).set('If-Match', '"1"').expect(204)
    const full = await filled()
    await assertRefused()
    await service
      .send('delete', `/carts/${full}`)
      .set('If-Match', '"2"')
      .set('X-Forwarded-For', '192.0.2.250')
      .expect(204)
    await made()
  })

  it("leave room when one is moved into a customer's cart", async () => {
    const { header } = customer()
    const mine = (await service.send('post', '/carts', header).expect(201)).body.id
    const [first] = await times(ALL, filled)
    await assertRefused()
    await service.send('post', `/carts/${mine}/merge`, header).send({ from: first }).expect(200)
    await made()
  })

  it('leave room when one has expired', async () => {
    await times(EMPTY, made)
    await assertRefused()
    const [key] = await service.redis.keys('{cart}:network:*:empty').then(lastMade)
    const [soonest] = await service.redis.zrange(key!, '0', '0')
    await service.redis.zadd(key!, 'XX', `${Date.now() - 1_000}`, soonest!)
    await made()
    await assertRefused()
  })

  it('do not count for a customer who is signed in', async () => {
    await times(EMPTY, made)
    await assertRefused()
    await service.send('post', '/carts', customer().header).set('X-Forwarded-For', network).expect(201)
  })

  it('count as those of one network where requests have no address', async () => {
    const create = () => service.send('post', '/carts')
    await times(EMPTY, () => create().expect(201))
    await create().expect(429)
  })

  it('are limited when many requests come at once, too', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create()))
    assert.equal(answers.filter(({ status }) => status === 201).length, EMPTY)
  })

  it('are stored without its address', async () => {
    const id = await made()
    const fields = await service.redis.hvals(`{cart}:${id}`)
    const text = [...(await service.redis.keys('*')), ...fields].join(' ')
    assert.ok(!text.includes(network), text)
  })

  /** The sets of empty carts of which the present network's is one: the others have none any more, or not as many. */
  async function lastMade(keys: string[]) {
    const scores = await Promise.all(keys.map(key => service.redis.zrange(key, '-1', '-1', 'WITHSCORES')))
    const latest = Math.max(...scores.map(([, score]) => Number(score)))
    return keys.filter((_, index) => Number(scores[index]![1]) === latest)
  }
})
