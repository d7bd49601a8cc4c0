import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, type OutputFile } from 'esbuild'
import { bundleOptions, tracingOptions } from '../src/bundling/bundle.ts'
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

  it('leaves OpenTelemetry out of the file of a service, which imports it from the file beside it', async () => {
    const root = join(import.meta.dirname, '../../..')
    const [service, tracing] = await Promise.all([build(bundleOptions(root, 'cart')), build(tracingOptions(root))])
    const textOf = ({ outputFiles }: { outputFiles: OutputFile[] }) =>
      outputFiles.find(({ path }) => path.endsWith('.js'))!.text
    const [own, apart] = [textOf(service), textOf(tracing)]
    assert.ok(own.includes('import("./tracing.js")'))
    assert.deepEqual(
      [own, apart].map(text => text.includes('BatchSpanProcessor')),
      [false, true]
    )
    assert.ok(tracing.outputFiles.some(({ path }) => path.endsWith('/tracing.js')))
  })
})
