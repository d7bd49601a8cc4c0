import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceTokens } from '../src/auth/service-tokens.ts'

describe('service tokens', () => {
  let folder: string
  let now: number
  const tokens = () => serviceTokens(folder, { now: () => new Date(now) })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-service-tokens-'))
    now = 1_000_000
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are those of the files named for the targets', async () => {
    writeFileSync(join(folder, 'catalog'), 'for.the.catalog\n')
    writeFileSync(join(folder, 'tax-rates'), 'for.tax.rates')
    const tokenFor = tokens()
    assert.equal(await tokenFor('catalog'), 'for.the.catalog')
    assert.equal(await tokenFor('tax-rates'), 'for.tax.rates')
  })

  it('are kept for 30 seconds and then read again', async () => {
    const file = join(folder, 'catalog')
    const tokenFor = tokens()
    writeFileSync(file, 'first')
    await tokenFor('catalog')
    writeFileSync(file, 'second')
    now += 29_999
    assert.equal(await tokenFor('catalog'), 'first')
    now += 1
    assert.equal(await tokenFor('catalog'), 'second')
  })

  it('are read once for calls at the same time', async () => {
    // What is written into a pipe can be read once.
    const pipe = join(folder, 'catalog')
    execFileSync('mkfifo', [pipe])
    const tokenFor = tokens()
    const calls = [tokenFor('catalog'), tokenFor('catalog')]
    await writeFile(pipe, 'for.the.catalog')
    assert.deepEqual(await Promise.all(calls), ['for.the.catalog', 'for.the.catalog'])
  })

  it('fail with the name of a file that is missing or empty, and are there once it is', async () => {
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
