import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { readStack, type Stack } from '../src/services/stack.ts'
import { type Issuer, jwksUrl } from '../src/tokens/development-keys.ts'
import { demoTokenFile, issueTokens, tokensFolder } from '../src/tokens/tokens.ts'
import { fixtureRepository } from './fixture.ts'

describe('issueTokens', () => {
  let stack: Stack

  before(async () => {
    const root = fixtureRepository()
    writeFileSync(join(root, 'services/beta/contract.json'), JSON.stringify({ needs: { alpha: {} } }))
    stack = readStack(root, 4000)
    await issueTokens(stack)
  })
  after(() => rmSync(stack.root, { recursive: true }))

  function verify(token: string, issuer: Issuer, expected: { issuer: string; audience: string }) {
    const keys = JSON.parse(readFileSync(fileURLToPath(jwksUrl(join(stack.folder, 'keys'), issuer)), 'utf8'))
    return jwtVerify(token, createLocalJWKSet(keys), { ...expected, algorithms: ['EdDSA'] })
  }

  for (const { role, prefix } of [
    { role: 'customer', prefix: 'cus_' },
    { role: 'staff', prefix: 'stf_' }
  ] as const) {
    it(`makes an access token for the role ${role}`, async () => {
      const token = readFileSync(demoTokenFile(stack, role), 'utf8')
      const { payload } = await verify(token, 'people', { issuer: 'bulkhead-identity', audience: 'bulkhead' })
      assert.deepEqual(payload.roles, [role])
      assert.ok(payload.sub?.startsWith(prefix))
      assert.equal(decodeProtectedHeader(token).typ, 'at+jwt')
    })
  }

  it('makes a token for each service that a service calls, valid only for that target', async () => {
    const token = readFileSync(join(tokensFolder(stack, 'beta'), 'alpha'), 'utf8')
    const { payload } = await verify(token, 'services', { issuer: 'bulkhead-local', audience: 'alpha' })
    assert.equal(payload.sub, 'system:serviceaccount:bulkhead:beta')
    assert.ok(payload.exp! - payload.iat! >= 3_600)
  })

  it('keeps the keys and the demo accounts when it issues tokens again', async () => {
    const before = readFileSync(demoTokenFile(stack, 'customer'), 'utf8')
    await issueTokens(stack)
    const after = readFileSync(demoTokenFile(stack, 'customer'), 'utf8')
    const subjects = await Promise.all(
      [before, after].map(async token => {
        return (await verify(token, 'people', { issuer: 'bulkhead-identity', audience: 'bulkhead' })).payload.sub
      })
    )
    assert.equal(subjects[0], subjects[1])
  })
})
