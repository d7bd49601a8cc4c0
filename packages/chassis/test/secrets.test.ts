import assert from 'node:assert/strict'
import { isSameSecret, newSecret } from '../src/core/secrets.ts'

describe('newSecret', () => {
  it('has 128 bits in base64url, and differs each time', () => {
    const secrets = Array.from({ length: 1_000 }, newSecret)
    for (const secret of secrets) assert.match(secret, /^[\w-]{22}$/)
    assert.equal(new Set(secrets).size, secrets.length)
  })
})

describe('isSameSecret', () => {
  it('is true for the same text only', () => {
    const secret = newSecret()
    assert.ok(isSameSecret(`${secret}`, secret))
    for (const other of ['', secret.slice(1), `${secret}A`, secret.replace(/.$/, last => (last === 'A' ? 'B' : 'A'))])
      assert.ok(!isSameSecret(other, secret), other)
  })

  it('compares texts whose characters have several bytes', () => {
    assert.ok(isSameSecret('schlüssel', 'schlüssel'))
    assert.ok(!isSameSecret('schlüssel', 'schlussel'))
  })
})
