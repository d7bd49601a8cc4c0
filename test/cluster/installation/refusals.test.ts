import { equal } from 'node:assert/strict'
import { isRefusal } from '../parts/service-tokens.ts'
import { isEnforced } from './enforcement.ts'

describe('a refusal of a request', () => {
  it('is one of the expected statuses', () => {
    equal(isRefusal(403, [401, 403], false), true)
    equal(isRefusal(200, [401, 403], true), false)
    equal(isRefusal(404, [401], true), false)
  })

  it('may be a blocked connection only if policies are enforced', () => {
    equal(isRefusal('ECONNREFUSED', [401], false), false)
    equal(isRefusal('no answer', [401], true), true)
  })

  it('is never an unknown host name', () => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN']) equal(isRefusal(code, [401, 403], true), false)
  })
})

describe('network policies', () => {
  it('are enforced if a service reaches only its own store', () => {
    const reached = { service: 'cart', own: 'connected' }
    equal(isEnforced({ ...reached, other: 'no answer' }), true)
    equal(isEnforced({ ...reached, other: 'connected' }), false)
    equal(isEnforced({ ...reached, other: 'ENOTFOUND' }), false)
    equal(isEnforced({ service: 'cart', own: 'no answer', other: 'no answer' }), false)
    equal(isEnforced(undefined), false)
  })
})
