import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleImage } from '../../scripts/images/image-files.ts'
import { packageOf } from '../../scripts/images/sbom.ts'

const root = join(import.meta.dirname, '../..')

type Component = {
  name: string
  version: string
  purl: string
  licenses: { license: { id?: string; text?: object } }[]
}

describe("the contents of a service's image", () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-image-'))
  after(() => rmSync(folder, { recursive: true }))

  async function componentsOf(service: string) {
    await bundleImage(root, service, join(folder, service))
    const bom = JSON.parse(readFileSync(join(folder, service, 'sbom', `${service}.cdx.json`), 'utf8'))
    return bom.components as Component[]
  }

  it('are listed with the installed versions and with licences', async () => {
    const components = await componentsOf('catalog')
    const versions = Object.fromEntries(components.map(({ name, version }) => [name, version]))
    for (const name of ['express', 'mongodb', 'zod']) {
      const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
      assert.equal(versions[name], manifest.version, name)
    }
    for (const { name, licenses } of components) assert.ok(licenses[0]?.license.text, `the licence of ${name}`)
  })

  it('list only packages that the service bundles', async () => {
    const names = (await componentsOf('cart')).map(({ name }) => name)
    assert.ok(names.includes('ioredis'))
    assert.deepEqual(
      names.filter(name => ['mongodb', 'mocha', 'esbuild', 'swagger-ui-dist'].includes(name)),
      []
    )
  })

  it('include the files of packages that the gateway reads at run time', async () => {
    const names = (await componentsOf('gateway')).map(({ name }) => name)
    assert.ok(names.includes('swagger-ui-dist'))
    const reference = readFileSync(join(root, 'services/gateway/src/reference/routes.ts'), 'utf8')
    const read = [...reference.matchAll(/'swagger-ui-dist\/([^']+)'/g)].map(([, file]) => file!)
    assert.ok(read.length > 0)
    for (const file of read) assert.ok(existsSync(join(folder, 'gateway/app/assets', file)), file)
  })

  it('name the innermost package of a file', () => {
    assert.equal(packageOf('node_modules/a/node_modules/@b/c/lib/d.js'), 'node_modules/a/node_modules/@b/c')
    assert.equal(packageOf('services/catalog/src/service.ts'), undefined)
  })
})
