import assert from 'node:assert/strict'
import { install } from '../../src/cluster/release.ts'
import { mended } from '../../src/cluster/release-history.ts'
import { Failure } from '../../src/failure.ts'
import { parsePortBase, readStack } from '../../src/stack.ts'
import { fakeCluster, history, notFound, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const unready = {
  metadata: { name: 'catalog-1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: {
    phase: 'Pending',
    containerStatuses: [{ ready: false, image: 'catalog:none', state: { waiting: { reason: 'ErrImagePull' } } }]
  }
}

/** A helm whose release has had these revisions. An upgrade adds one that fails, where `fails`. */
function helmWith(statuses: string[], { fails = false, noRollback = false } = {}) {
  return ([command]: string[]) => {
    if (command === 'history' && statuses.length === 0) throw notFound('catalog')
    if (command === 'history') return history(...statuses)
    if (command === 'uninstall') statuses.length = 0
    if (command === 'rollback' && noRollback) throw new Failure('helm rollback: no connection')
    if (command === 'rollback') statuses.push('deployed')
    if (command === 'upgrade') statuses.push(fails ? 'failed' : 'deployed')
    if (command === 'upgrade' && fails) throw new Failure('helm upgrade: context deadline exceeded')
    return ''
  }
}

function installing(helm: ReturnType<typeof helmWith>) {
  const said: string[] = []
  const fake = fakeCluster({ objects: { pods: { items: [unready] } }, helm })
  const { cluster } = fake
  const changes = () => fake.lines().flatMap(line => /^helm (upgrade|rollback \S+ \d+|uninstall)/.exec(line)?.[0] ?? [])
  return { ...fake, said, changes, how: { stack, cluster, readyWithin: 10, say: (line: string) => said.push(line) } }
}

const catalog = { name: 'catalog', chart: 'catalog' }

describe('a release that was broken off', () => {
  for (const status of ['pending-upgrade', 'pending-rollback'])
    it(`goes back to the revision that was deployed last, ${status}, before it is upgraded`, async () => {
      const { changes, said, how } = installing(helmWith(['superseded', 'deployed', 'failed', status]))
      await install(catalog, how)
      assert.deepEqual(changes(), ['helm rollback catalog 2', 'helm upgrade'])
      assert.match(said[0]!, new RegExp(`broken off \\(${status}\\): goes back to revision 2 first`))
    })

  for (const status of ['pending-install', 'uninstalling'])
    it(`is taken away, ${status}, before it is installed`, async () => {
      const { changes, said, how } = installing(helmWith([status]))
      await install(catalog, how)
      assert.deepEqual(changes(), ['helm uninstall', 'helm upgrade'])
      assert.match(said[0]!, /is taken away first/)
    })

  it('is left as it is where nothing was broken off', async () => {
    const { cluster, changes } = installing(helmWith(['superseded', 'failed']))
    assert.equal((await mended(cluster, 'catalog', () => undefined)).length, 2)
    assert.deepEqual(changes(), [])
  })

  it('says what it was when it cannot be freed', async () => {
    const { how } = installing(helmWith(['deployed', 'pending-upgrade'], { noRollback: true }))
    await assert.rejects(
      install(catalog, how),
      /broken off \(pending-upgrade\), and does not free itself: .*no connection/
    )
  })
})

describe('a release that does not become ready', () => {
  it('goes back to the revision that was deployed last, over failed ones', async () => {
    const { changes, how } = installing(helmWith(['deployed', 'failed'], { fails: true }))
    await assert.rejects(install(catalog, how), {
      message: 'catalog: the image catalog:none cannot be had (ErrImagePull). The version before goes on'
    })
    assert.deepEqual(changes(), ['helm upgrade', 'helm rollback catalog 1'])
  })

  it('tells why though it cannot go back', async () => {
    const { how } = installing(helmWith(['deployed'], { fails: true, noRollback: true }))
    await assert.rejects(
      install(catalog, how),
      /^Failure: catalog: the image .* cannot be had .*\. Going back .* failed, too: .*no connection/
    )
  })

  it('has nothing to go back to the first time', async () => {
    const { changes, how } = installing(helmWith([], { fails: true }))
    await assert.rejects(install(catalog, how), /cannot be had \(ErrImagePull\)$/)
    assert.deepEqual(changes(), ['helm upgrade'])
  })
})

it('a store of another kind is left as it is, and the way to give its data up is told', async () => {
  const revisions = [{ revision: 1, status: 'deployed', chart: 'store-mongodb-0.1.9' }]
  const { changes, how } = installing(([command]) => (command === 'history' ? JSON.stringify(revisions) : ''))
  const release = (chart: string) => ({ name: 'notes-store', chart })
  await assert.rejects(install(release('store-redis'), how), {
    message: /is one of store-mongodb .* pvc\/data-notes-store-0 secret\/notes-store -n shop; then deploy again$/
  })
  assert.deepEqual(changes(), [])
  await install(release('store-mongodb'), how)
  assert.deepEqual(changes(), ['helm upgrade'])
})

it("a release gets our values from the standard input, and the user's after them", async () => {
  const { calls, how } = installing(helmWith([]))
  const given = { files: ['one.yaml', 'two.yaml'], set: 'replicas=3' }
  await install({ ...catalog, values: { networkPolicy: { egress: [{ ports: [{ port: 1 }] }] } }, given }, how)
  const upgrade = calls.find(({ line }) => line.startsWith('helm upgrade'))!
  assert.match(upgrade.line, / --values - --values one\.yaml --values two\.yaml --set replicas=3 /)
  assert.equal(upgrade.input, '{"networkPolicy":{"egress":[{"ports":[{"port":1}]}]}}')
})
