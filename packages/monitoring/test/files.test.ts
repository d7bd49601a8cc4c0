import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { DASHBOARDS, dashboardFiles } from '../src/generated-files.ts'
import { stableJson } from '../src/grafana/json.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** Kubernetes allows 1 MiB in a ConfigMap, and `kubectl apply` without --server-side a quarter of it. */
const LARGEST = 256 * 1024

describe('the files of dashboards', () => {
  const files = dashboardFiles(ROOT)
  const names = Object.keys(files)
    .filter(file => file.endsWith('.json'))
    .map(file => basename(file))

  it('are valid JSON that fits into a ConfigMap', () => {
    for (const name of names) {
      const text = files[`${DASHBOARDS}/${name}`]!
      assert.ok(JSON.parse(text).panels.length > 3, name)
      assert.ok(text.length < LARGEST, name)
    }
  })

  it('become ConfigMaps with the label that the sidecar of Grafana looks for', () => {
    const { generatorOptions, configMapGenerator } = parse(files[`${DASHBOARDS}/kustomization.yaml`]!)
    assert.equal(generatorOptions.labels.grafana_dashboard, '1')
    assert.equal(generatorOptions.annotations.grafana_folder, 'Bulkhead')
    const listed = configMapGenerator.flatMap((one: { files: string[] }) => one.files)
    assert.deepEqual(
      listed,
      names.map(name => `bulkhead-${name}=${name}`)
    )
  })
})

describe('stable JSON', () => {
  it('has sorted keys, and puts short objects on one line', () => {
    const long = 'x'.repeat(150)
    const value = { b: [1, { d: null, c: 'text' }], a: long, e: undefined }
    assert.equal(stableJson(value), `{\n  "a": "${long}",\n  "b": [1, { "c": "text", "d": null }]\n}`)
    assert.deepEqual(JSON.parse(stableJson(value)), JSON.parse(JSON.stringify(value)))
  })
})
