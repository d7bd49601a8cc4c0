import assert from 'node:assert/strict'
import { consoleLine } from '../src/output/log-line.ts'

const warning = JSON.stringify({
  level: 40,
  msg: 'The store is away',
  err: { message: 'ECONNREFUSED' },
  requestId: 'r1'
})

describe('consoleLine', () => {
  it('shows a warning with its error and its request', () => {
    assert.equal(consoleLine('cart', warning, false), 'cart | WARN The store is away (ECONNREFUSED, requestId r1)')
  })

  it('hides entries below a warning unless `all` is set', () => {
    const information = JSON.stringify({ level: 30, msg: 'listening' })
    assert.equal(consoleLine('cart', information, false), undefined)
    assert.equal(consoleLine('cart', information, true), 'cart | INFO listening')
  })

  it('shows the stack of an error', () => {
    const error = JSON.stringify({
      level: 50,
      msg: 'Failed',
      err: { message: 'no', stack: 'Error: no\n    at somewhere' }
    })
    assert.equal(consoleLine('cart', error, false), 'cart | ERROR Failed (no)\nError: no\n    at somewhere')
  })

  it('accepts a level that is a word', () => {
    assert.equal(consoleLine('cart', JSON.stringify({ level: 'error', msg: 'no' }), false), 'cart | ERROR no')
  })

  it('shows lines without JSON unchanged, and hides empty ones', () => {
    assert.equal(consoleLine('cart', 'Error: no such setting', false), 'cart | Error: no such setting')
    assert.equal(consoleLine('cart', '{ broken', false), 'cart | { broken')
    assert.equal(consoleLine('cart', '', true), undefined)
  })
})
