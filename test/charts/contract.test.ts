import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needHelm, ofKind, ROOT, readJson, renderAs } from './render.ts'

describe('a chart with the contract', () => {
  before(needHelm)
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-chart-'))
  after(() => rmSync(folder, { recursive: true }))

  /** Makes a copy of inventory's chart with a changed contract. */
  async function inventoryWith(name: string, changes: object) {
    const chart = join(folder, name)
    cpSync(join(ROOT, 'charts/inventory'), chart, { recursive: true })
    // The file is a link, so writing to it would change the service's contract.
    rmSync(join(chart, 'files/contract.json'))
    const contract = { ...readJson('services/inventory/contract.json'), ...changes }
    writeFileSync(join(chart, 'files/contract.json'), JSON.stringify(contract))
    return renderAs('inventory', chart)
  }

  const callersOf = async (name: string, ...callers: string[]) => {
    const { ingress } = ofKind(await inventoryWith(name, { provides: { callers, events: [] } }), 'NetworkPolicy').spec
    return ingress![0]!.from!.map(({ podSelector }) => Object.values(podSelector!.matchLabels).join(' '))
  }

  it('accepts connections from the gateway and from the services that the contract names', async () => {
    assert.deepEqual(await callersOf('named', 'service:orders', 'staff', 'customer'), ['gateway', 'orders'])
  })

  it('accepts connections from every service if an operation is for all services or public', async () => {
    assert.deepEqual(await callersOf('all', 'service:*', 'service:orders'), ['service bulkhead'])
    assert.deepEqual(await callersOf('public', 'public'), ['service bulkhead'])
  })

  it('is refused if the contract belongs to another service or is missing', async () => {
    await assert.rejects(inventoryWith('other', { owner: { service: 'cart' } }), /contract\.json belongs to cart/)
    await assert.rejects(inventoryWith('none', { owner: undefined }), /files\/contract\.json can't be read/)
  })
})
