import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import fc from 'fast-check'
import type { Cart, Line } from '../src/carts/schemas.ts'
import { startService } from './helper.ts'

const products = [newId('prd'), newId('prd')]
const variant = fc.record({ productId: fc.constantFrom(...products), sku: fc.constantFrom('A', 'B', 'c/d') })
const quantity = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(500, 999) }
)
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), variant, quantity }),
  fc.record({ kind: fc.constant('set' as const), variant, quantity }),
  fc.record({ kind: fc.constant('remove' as const), variant }),
  fc.record({
    kind: fc.constant('merge' as const),
    guest: fc.array(fc.record({ variant, quantity }), { maxLength: 4 })
  })
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
/** Quantities by variant. */
type Model = Map<string, number>

const nameOf = ({ productId, sku }: Omit<Line, 'quantity'>) => `${productId} ${sku}`

/** Applies a step to the model. Returns false if cart should refuse the step. */
function apply(model: Model, step: Step): boolean {
  if (step.kind === 'merge') {
    const guest: Model = new Map()
    for (const { variant, quantity } of step.guest) apply(guest, { kind: 'add', variant, quantity })
    for (const [name, more] of guest) model.set(name, Math.min(999, (model.get(name) ?? 0) + more))
    return true
  }
  const name = nameOf(step.variant)
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
  })
  after(() => service.close())

  it('changes a cart in the same way as a map', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), checkSteps), { numRuns: 40 })
  })

  async function checkSteps(steps: Step[]) {
    const { header } = customer()
    const { id } = await service.createCart(header)
    const model: Model = new Map()
    for (const step of steps) {
      const before = await read(id, header)
      const isAccepted = apply(model, step)
      const { status } = await perform(id, header, before.version, step)
      assert.equal(status < 300, isAccepted, `${JSON.stringify(step)} answered ${status}`)
      const after = await read(id, header)
      assert.deepEqual(after.lines, model)
      assert.equal(after.version, before.version + (isAccepted ? 1 : 0))
    }
  }

  async function read(id: string, header: string) {
    const { body }: { body: Cart } = await service.send('get', `/carts/${id}`, header).expect(200)
    const lines: Model = new Map(body.lines.map(line => [nameOf(line), line.quantity]))
    assert.equal(lines.size, body.lines.length)
    return { version: body.version, lines }
  }

  async function perform(id: string, header: string, version: number, step: Step) {
    if (step.kind === 'merge') {
      const guest = await service.createCart()
      for (const { variant, quantity } of step.guest) {
        await service.send('post', `/carts/${guest.id}/lines`).send({ ...variant, quantity })
      }
      return service.send('post', `/carts/${id}/merge`, header).send({ from: guest.id })
    }
    const { productId, sku } = step.variant
    if (step.kind === 'add') {
      return service.send('post', `/carts/${id}/lines`, header).send({ productId, sku, quantity: step.quantity })
    }
    const path = `/carts/${id}/lines/${productId}/${encodeURIComponent(sku)}`
    const test = service.send(step.kind === 'set' ? 'put' : 'delete', path, header).set('If-Match', `"${version}"`)
    return step.kind === 'set' ? test.send({ quantity: step.quantity }) : test
  }
})
