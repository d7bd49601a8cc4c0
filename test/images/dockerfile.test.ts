import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LARGE_BLOCK, NODE_OPTIONS } from '../../packages/cli/src/services/memory-settings.ts'

const root = join(import.meta.dirname, '../..')

describe('the Dockerfile', () => {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8')

  it('starts Node with the same options as `make up`', () => {
    const [, entry = ''] = /^ENTRYPOINT (.*)$/m.exec(text) ?? []
    assert.deepEqual(JSON.parse(entry), ['node', ...NODE_OPTIONS, 'server.js'])
    assert.equal(/MALLOC_MMAP_THRESHOLD_=(\d+)/.exec(text)?.[1], LARGE_BLOCK)
  })

  it('copies only the files of one service into the stage that bundles', () => {
    const stage = text.slice(text.indexOf(' AS bundle'))
    const copied = [...stage.matchAll(/^COPY (?!--from)(\S+)/gm)].map(([, source]) => source)
    assert.deepEqual(
      copied.filter(source => /^(services|\$)/.test(source!)),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
      ['${FOLDER}']
    )
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
    assert.ok(stage.includes('ARG FOLDER=services/${SERVICE}\n'))
  })
})
