import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import fc from 'fast-check'
import { startService } from './helper.ts'

const products = [newId('prd'), newId('prd')]
const place = fc.record({ productId: fc.constantFrom(...products), sku: fc.constantFrom('A', 'B', 'c/d') })
const quantity = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(500, 999) }
)
const added = fc.record({ place, quantity })
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), place, quantity }),
  fc.record({ kind: fc.constant('set' as const), place, quantity }),
  fc.record({ kind: fc.constant('remove' as const), place }),
  fc.record({ kind: fc.constant('merge' as const), guest: fc.array(added, { maxLength: 4 }) })
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Model = Map<string, number>

const nameOf = ({ productId, sku }: { productId: string; sku: string }) => `${productId} ${sku}`

/** What the step makes of the lines, and whether it is taken. */
function apply(model: Model, step: Step): boolean {
  if (step.kind === 'merge') {
    const guest: Model = new Map()
    for (const { place, quantity } of step.guest) apply(guest, { kind: 'add', place, quantity })
    for (const [name, more] of guest) model.set(name, Math.min(999, (model.get(name) ?? 0) + more))
    return true
  }
  const name = nameOf(step.place)
  if (step.kind === 'remove') return model.delete(name)
  const sum = step.kind === 'add' ? (model.get(name) ?? 0) + step.quantity : step.quantity
  if (sum > 999) return false
  model.set(name, sum)
  return true
}

describe('any sequence of changes', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
    service.offers([])
  })
  after(() => service.close())

  it('makes of a cart what it makes of a map', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const { header } = customer()
        const { id } = (await service.send('post', '/carts', header).expect(201)).body
        const model: Model = new Map()
        for (const step of steps) {
          const before = await read(id, header)
          const isTaken = apply(model, step)
          const { status } = await perform(id, header, before.version, step)
          assert.equal(status < 300, isTaken, `${JSON.stringify(step)} answered ${status}`)
          const after = await read(id, header)
          assert.deepEqual(after.lines, model)
          assert.equal(after.version, before.version + (isTaken ? 1 : 0))
        }
      }),
      { numRuns: 40 }
    )
  })

  async function read(id: string, header: string) {
    const { body } = await service.send('get', `/carts/${id}`, header).expect(200)
    const lines = body.lines.map((line: { productId: string; sku: string; quantity: number }) => [
      nameOf(line),
      line.quantity
    ])
    assert.equal(new Set(body.lines.map(nameOf)).size, body.lines.length)
    return { version: body.version as number, lines: new Map(lines) }
  }

  async function perform(id: string, header: string, version: number, step: Step) {
    if (step.kind === 'merge') {
      const { body: guest } = await service.send('post', '/carts').expect(201)
      for (const { place, quantity } of step.guest) {
        await service.send('post', `/carts/${guest.id}/lines`).send({ ...place, quantity })
      }
      return service.send('post', `/carts/${id}/merge`, header).send({ from: guest.id })
    }
    const { productId, sku } = step.place
    if (step.kind === 'add') {
      return service.send('post', `/carts/${id}/lines`, header).send({ productId, sku, quantity: step.quantity })
    }
    const path = `/carts/${id}/lines/${productId}/${encodeURIComponent(sku)}`
    const test = service.send(step.kind === 'set' ? 'put' : 'delete', path, header).set('If-Match', `"${version}"`)
    return step.kind === 'set' ? test.send({ quantity: step.quantity }) : test
  }
})
