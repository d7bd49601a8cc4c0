import assert from 'node:assert/strict'
import type { Caller } from '../src/core/caller.ts'
import { checkAccess } from '../src/http/access.ts'

describe('checkAccess', () => {
  const service: Caller = { kind: 'service', name: 'orders' }
  const customer: Caller = { kind: 'person', id: 'cus_1', roles: ['customer'] }

  it('allows any service for service:*, and no other caller', () => {
    checkAccess(service, ['service:*'])
    assert.throws(() => checkAccess(customer, ['service:*']), { status: 403 })
    assert.throws(() => checkAccess({ kind: 'anonymous' }, ['service:*']), { status: 401 })
  })

  it('allows a service by its name', () => {
    checkAccess(service, ['service:orders'])
    assert.throws(() => checkAccess(service, ['service:cart']), { status: 403 })
  })
})
