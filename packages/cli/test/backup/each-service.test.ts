import assert from 'node:assert/strict'
import { eachService } from '../../src/backup/each-service.ts'
import { Failure } from '../../src/failure.ts'
import type { Service } from '../../src/services/stack.ts'

const services = (...names: string[]) => names.map(name => ({ name }) as Service)

describe('the backup of several services', () => {
  it('goes on after a service that fails, and lists the failures at the end', async () => {
    const done: string[] = []
    const work = async ({ name }: Service) => {
      if (name === 'orders') throw new Failure('its store does not answer')
      done.push(name)
    }
    await assert.rejects(
      eachService(services('cart', 'orders', 'payments'), work),
      /^Failure: 1 of 3 services have no new backup:\n {2}orders: its store does not answer$/
    )
    assert.deepEqual(done, ['cart', 'payments'])
  })

  it('ends at once when it is interrupted', async () => {
    const done: string[] = []
    const work = async ({ name }: Service) => {
      done.push(name)
      throw new Failure('interrupted; nothing was kept')
    }
    await assert.rejects(eachService(services('cart', 'orders'), work, AbortSignal.abort()), /^Failure: interrupted/)
    assert.deepEqual(done, ['cart'])
  })
})
