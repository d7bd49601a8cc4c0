import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './render.ts'

const chart = (name: string, more = '') => `name: ${name}
description: old
version: 0.1.0
appVersion: 0.0.0
${more}`

describe('make generate for charts and dashboards', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-generate-'))
    const importing = 'dependencies: [{ name: common, import-values: [] }]\n'
    write('charts/common/Chart.yaml', chart('common', 'type: library\n'))
    write('charts/common/values.yaml', 'service:\n  # How many\n  replicas: 2\n  env: {}\n')
    for (const name of ['alpha', 'gateway']) {
      write(`services/${name}/package.json`, JSON.stringify({ name, version: '1.2.3', description: 'Does: this' }))
      write(`services/${name}/src/main.ts`, '')
      write(`charts/${name}/Chart.yaml`, chart(name, importing))
      write(`charts/${name}/values.yaml`, 'env:\n  # With | in it\n  WORD: a|b\n\n# The end\n')
      write(`charts/${name}/files/.keep`, '')
      mkdirSync(join(root, `charts/${name}/charts`))
      symlinkSync('../../common', join(root, `charts/${name}/charts/common`))
      symlinkSync(`../../../services/${name}/package.json`, join(root, `charts/${name}/files/package.json`))
    }
    write('charts/platform/Chart.yaml', chart('platform', 'dependencies: []\n'))
    write('charts/platform/values.yaml', '# Which\nservices: []\n\nother: 1\n')
    generate()
    release()
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function write(file: string, text: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }

  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const versions = () =>
    ['common', 'alpha', 'gateway', 'platform'].map(name => parse(read(`charts/${name}/Chart.yaml`)).version)

  const generate = (...args: string[]) => run('generate.ts', args)
  const release = () => run('release-versions.ts', [])

  function run(script: string, args: string[]) {
    const call = [join(ROOT, 'scripts', script), '--root', root, ...args]
    execFileSync(process.execPath, call, { timeout: 60_000, stdio: 'pipe' })
  }

  it('copies the version and the description of package.json, and changes nothing when it runs again', () => {
    const { appVersion, description } = parse(read('charts/alpha/Chart.yaml'))
    assert.deepEqual({ appVersion, description }, { appVersion: '1.2.3', description: 'Does: this' })
    generate('--check')
  })

  it("writes the README from the common values and the chart's own values", () => {
    const readme = read('charts/alpha/README.md')
    assert.match(readme, /^\| `replicas` +\| `2` +\| How many +\|$/m)
    assert.match(readme, /^\| `env\.WORD` +\| `"a\\\|b"` +\| With \\\| in it +\|$/m)
    assert.match(readme, /^The end\.$/m)
    assert.doesNotMatch(readme, /`env` /)
  })

  it('lists every service except the gateway for platform, and keeps its other values', () => {
    assert.equal(read('charts/platform/values.yaml'), '# Which\nservices: [alpha]\n\nother: 1\n')
  })

  it('writes a dashboard for each service, finds an edited one, and removes that of a removed service', () => {
    const dashboard = 'k8s/monitoring/dashboards/service-beta.json'
    write('k8s/monitoring/.keep', '')
    write('services/beta/package.json', JSON.stringify({ description: 'Betas', bulkhead: { store: 'none' } }))
    write('services/beta/contract.json', '{}')
    generate()
    assert.equal(JSON.parse(read(dashboard)).title, 'Bulkhead: beta')
    write(dashboard, '{}')
    assert.throws(() => generate('--check'), /out of date: k8s\/monitoring\/dashboards\/service-beta\.json/)
    rmSync(join(root, 'services/beta'), { recursive: true })
    generate()
    assert.ok(!existsSync(join(root, dashboard)))
    assert.doesNotMatch(read('k8s/monitoring/dashboards/kustomization.yaml'), /service-beta/)
  })

  it('does not change versions before a release is made', () => {
    write('charts/alpha/values.yaml', 'env: { WORD: b }\n')
    generate()
    assert.deepEqual(versions(), ['0.1.0', '0.1.0', '0.1.0', '0.1.0'])
  })

  it('in a release, increases only the versions of charts whose sources changed', () => {
    write('charts/alpha/values.yaml', 'env: { WORD: b }\n')
    write('charts/gateway/README.md', 'not a source')
    release()
    assert.deepEqual(versions(), ['0.1.0', '0.1.1', '0.1.0', '0.1.0'])
  })

  it('in a release, increases the version of a chart if its service changed, and of all charts if the library changed', () => {
    write('services/alpha/src/main.ts', 'console.log(1)\n')
    release()
    assert.deepEqual(versions(), ['0.1.0', '0.1.1', '0.1.0', '0.1.0'])
    assert.equal(parse(read('charts/alpha/Chart.yaml')).appVersion, '1.2.4')
    write('charts/common/templates/_new.tpl', '')
    release()
    assert.deepEqual(versions(), ['0.1.1', '0.1.2', '0.1.1', '0.1.0'])
    generate('--check')
  })

  it('--check fails if a value changed since the last make generate', () => {
    write('charts/alpha/values.yaml', 'env: { WORD: other }\n')
    assert.throws(() => generate('--check'), /out of date: charts\/alpha\/README\.md/)
  })
})
