import { deepEqual } from 'node:assert/strict'
import type { Installation } from '../part.ts'
import { upgradeAndRollBack } from './upgrades.ts'

const SERVICE = { name: 'catalog', version: '1.2.3' }

/** Returns a cluster whose helm fails for these commands. It records the calls that change something. */
function clusterWhere(...failing: string[]) {
  const calls: string[] = []
  const cluster = {
    async helm(words: string[]) {
      if (words[0] === 'list') return '[{ "revision": "4", "status": "deployed" }]'
      calls.push(words[0] === 'rollback' ? words.slice(0, 3).join(' ') : words[0]!)
      if (failing.includes(words[0]!)) throw new Error(`${words[0]} timed out`)
      return ''
    },
    get: async () => ({ spec: { template: { spec: { containers: [{ image: 'shop/catalog:1.2.3' }] } } } })
  }
  return { calls, installation: { cluster, stack: { root: '/nowhere' } } as unknown as Installation }
}

describe('an upgrade of test-cluster', () => {
  it('rolls back to the old revision if it fails', async () => {
    const { calls, installation } = clusterWhere('upgrade')
    const findings = await upgradeAndRollBack(installation, SERVICE, async () => undefined)
    deepEqual(findings, ['the upgrade failed: upgrade timed out'])
    deepEqual(calls, ['upgrade', 'rollback catalog 4'])
  })

  it('reports both failures if the rollback also fails', async () => {
    const { installation } = clusterWhere('upgrade', 'rollback')
    const findings = await upgradeAndRollBack(installation, SERVICE, async () => undefined)
    deepEqual(findings, ['the upgrade failed: upgrade timed out', 'the rollback failed: rollback timed out'])
  })
})
