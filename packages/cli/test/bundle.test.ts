import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { build } from 'esbuild'
import { bundleOptions } from '../src/bundling/bundle.ts'
import { fixtureRepository } from './fixture.ts'

describe('bundleOptions', () => {
  const roots = [fixtureRepository(), fixtureRepository()]
  after(() => {
    for (const root of roots) rmSync(root, { recursive: true })
  })

  it('produces the same bytes in every folder', async () => {
    const [one, other] = await Promise.all(roots.map(root => build(bundleOptions(root, 'alpha'))))
    assert.deepEqual(
      one?.outputFiles.map(({ text }) => text),
      other?.outputFiles.map(({ text }) => text)
    )
    assert.equal(one?.outputFiles.length, 2)
  })
})
