import { equal } from 'node:assert/strict'
import { isEnforced } from './enforcement.ts'
import { isRefusal } from './service-tokens.ts'

describe('a refusal', () => {
  it('is a status that says so', () => {
    equal(isRefusal(403, [401, 403], false), true)
    equal(isRefusal(200, [401, 403], true), false)
    equal(isRefusal(404, [401], true), false)
  })

  it('is no connection only where policies are enforced', () => {
    equal(isRefusal('ECONNREFUSED', [401], false), false)
    equal(isRefusal('no answer', [401], true), true)
  })

  it('is never a name that was not found', () => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN']) equal(isRefusal(code, [401, 403], true), false)
  })
})

describe('policies', () => {
  it('are enforced where a service reaches its own store and no other', () => {
    const reached = { who: 'cart', own: 'connected' }
    equal(isEnforced({ ...reached, other: 'no answer' }), true)
    equal(isEnforced({ ...reached, other: 'connected' }), false)
    equal(isEnforced({ ...reached, other: 'ENOTFOUND' }), false)
    equal(isEnforced({ who: 'cart', own: 'no answer', other: 'no answer' }), false)
    equal(isEnforced(undefined), false)
  })
})
