import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceTokens } from '../src/auth/service-tokens.ts'

describe('service tokens', () => {
  let folder: string
  const tokens = () => serviceTokens(folder)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-service-tokens-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are read from the files with the names of the targets', async () => {
    writeFileSync(join(folder, 'catalog'), 'for.the.catalog\n')
    writeFileSync(join(folder, 'tax-rates'), 'for.tax.rates')
    const tokenFor = tokens()
    assert.equal(await tokenFor('catalog'), 'for.the.catalog')
    assert.equal(await tokenFor('tax-rates'), 'for.tax.rates')
  })

  it('are read again as soon as the files are replaced', async () => {
    const file = join(folder, 'catalog')
    const tokenFor = tokens()
    writeFileSync(file, 'first')
    await tokenFor('catalog')
    writeFileSync(file, 'second')
    assert.equal(await tokenFor('catalog'), 'second')
  })

  it('reject with the name of a missing or empty file, and resolve when it has a token', async () => {
    const file = join(folder, 'orders')
    const tokenFor = tokens()
    const namesFile = (error: Error) => error.name === 'Error' && error.message.includes(file)
    await assert.rejects(tokenFor('orders'), namesFile)
    writeFileSync(file, '\n')
    await assert.rejects(tokenFor('orders'), namesFile)
    writeFileSync(file, 'token')
    assert.equal(await tokenFor('orders'), 'token')
  })

  for (const target of [
    '',
    '.',
    '..',
    '../secret',
    'a/b',
    '/etc/passwd',
    'Catalog',
    '-a',
    'a-',
    'a\0',
    'a\n',
    'a'.repeat(64)
  ])
    it(`are not read for the target ${JSON.stringify(target)}`, async () => {
      await assert.rejects(tokens()(target), /is not the name of a service/)
    })
})
