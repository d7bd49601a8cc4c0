import { deepEqual } from 'node:assert/strict'
import type { Ground } from './part.ts'
import { thereAndBack } from './upgrades.ts'

const SERVICE = { name: 'catalog', version: '1.2.3' }

/** A cluster whose helm fails for these words, and the calls of it that change something. */
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
  return { calls, ground: { cluster, stack: { root: '/nowhere' } } as unknown as Ground }
}

describe('an upgrade of test-cluster', () => {
  it('goes back to the revision from before when it is broken off', async () => {
    const { calls, ground } = clusterWhere('upgrade')
    const findings = await thereAndBack(ground, SERVICE, async () => undefined)
    deepEqual(findings, ['the upgrade was broken off: upgrade timed out'])
    deepEqual(calls, ['upgrade', 'rollback catalog 4'])
  })

  it('tells of both where going back fails, too', async () => {
    const { ground } = clusterWhere('upgrade', 'rollback')
    const findings = await thereAndBack(ground, SERVICE, async () => undefined)
    deepEqual(findings, [
      'the upgrade was broken off: upgrade timed out',
      'the rollback was broken off: rollback timed out'
    ])
  })
})
