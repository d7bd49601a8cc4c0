import assert from 'node:assert/strict'
import { replaceBlockedPods } from '../../src/cluster/blocked-pods.ts'
import { install } from '../../src/cluster/release.ts'
import { recoverRelease } from '../../src/cluster/release-history.ts'
import { Failure } from '../../src/failure.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
import { type Answer, fakeCluster, history, notFound, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const catalog = { name: 'catalog', chart: 'catalog' }
const store = { name: 'catalog-store', chart: 'store-mongodb' }
const unready = {
  metadata: { name: 'catalog-1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: {
    phase: 'Pending',
    containerStatuses: [{ ready: false, image: 'catalog:none', state: { waiting: { reason: 'ErrImagePull' } } }]
  }
}

type HelmFaults = { upgradeFails?: boolean; rollbackFails?: boolean }

/** Returns a fake helm whose release has these revisions. An upgrade adds a revision. */
function helmWith(statuses: string[], { upgradeFails = false, rollbackFails = false }: HelmFaults = {}) {
  return ([command]: string[]) => {
    if (command === 'history' && statuses.length === 0) throw notFound('catalog')
    if (command === 'history') return history(...statuses)
    if (command === 'uninstall') statuses.length = 0
    if (command === 'rollback' && rollbackFails) throw new Failure('helm rollback: no connection')
    if (command === 'rollback') statuses.push('deployed')
    if (command === 'upgrade') statuses.push(upgradeFails ? 'failed' : 'deployed')
    if (command === 'upgrade' && upgradeFails) throw new Failure('helm upgrade: context deadline exceeded')
    return ''
  }
}

function installing(helm: (args: string[]) => string, fake: { objects?: object; kubectl?: Answer } = {}) {
  const said: string[] = []
  const { cluster, calls, lines } = fakeCluster({ objects: { pods: { items: [unready] } }, ...fake, helm })
  const changes = () => lines().flatMap(line => /^helm (upgrade|rollback \S+ \d+|uninstall)/.exec(line)?.[0] ?? [])
  const options = { stack, cluster, readyWithin: 10, say: (line: string) => void said.push(line) }
  return { cluster, calls, lines, said, changes, options }
}

describe('an interrupted release', () => {
  for (const status of ['pending-upgrade', 'pending-rollback'])
    it(`is rolled back to the revision that was deployed last before it is upgraded, if it is ${status}`, async () => {
      const { changes, said, options } = installing(helmWith(['superseded', 'deployed', 'failed', status]))
      await install(catalog, options)
      assert.deepEqual(changes(), ['helm rollback catalog 2', 'helm upgrade'])
      assert.match(said[0]!, new RegExp(`interrupted \\(${status}\\): rolling back to revision 2 first`))
    })

  for (const status of ['pending-install', 'uninstalling'])
    it(`is uninstalled before it is installed, if it is ${status}`, async () => {
      const { changes, said, options } = installing(helmWith([status]))
      await install(catalog, options)
      assert.deepEqual(changes(), ['helm uninstall', 'helm upgrade'])
      assert.match(said[0]!, /uninstalling first/)
    })

  it('is reported if it cannot be recovered', async () => {
    const { options } = installing(helmWith(['deployed', 'pending-upgrade'], { rollbackFails: true }))
    await assert.rejects(
      install(catalog, options),
      /interrupted \(pending-upgrade\) and cannot be recovered: .*no connection/
    )
  })
})

it('recoverRelease does not change a release that was not interrupted', async () => {
  const { cluster, changes } = installing(helmWith(['superseded', 'failed']))
  assert.equal((await recoverRelease(cluster, 'catalog', () => undefined)).length, 2)
  assert.deepEqual(changes(), [])
})

describe('a release that does not become ready', () => {
  it('is rolled back to the revision that was deployed last, not to a failed one', async () => {
    const { changes, options } = installing(helmWith(['deployed', 'failed'], { upgradeFails: true }))
    await assert.rejects(install(catalog, options), {
      message: 'catalog: the image catalog:none cannot be pulled (ErrImagePull). Rolled back to revision 1'
    })
    assert.deepEqual(changes(), ['helm upgrade', 'helm rollback catalog 1'])
  })

  it('is reported with the reason even if the rollback fails', async () => {
    const { options } = installing(helmWith(['deployed'], { upgradeFails: true, rollbackFails: true }))
    await assert.rejects(
      install(catalog, options),
      /^Failure: catalog: the image .* cannot be pulled .*\. The rollback to revision 1 failed too: .*no connection/
    )
  })

  it('is not rolled back at the first installation', async () => {
    const { changes, options } = installing(helmWith([], { upgradeFails: true }))
    await assert.rejects(install(catalog, options), /cannot be pulled \(ErrImagePull\)$/)
    assert.deepEqual(changes(), ['helm upgrade'])
  })
})

describe('a store that does not become ready', () => {
  const rolloutStatus = 'kubectl rollout status statefulset/catalog-store --timeout=10s'

  it('is rolled back, and its pod that cannot pull the image is replaced', async () => {
    const { options, lines } = installingStore()
    await assert.rejects(install(store, options), {
      message:
        'catalog-store: the image mongo:none cannot be pulled (ImagePullBackOff). Rolled back to revision 1. ' +
        'catalog-store was away until its pod catalog-store-0 was replaced'
    })
    const deletions = lines().filter(line => line.startsWith('kubectl delete'))
    assert.deepEqual(deletions, ['kubectl delete pod catalog-store-0 --ignore-not-found --wait=false'])
    assert.ok(lines().indexOf(rolloutStatus) > lines().indexOf(deletions[0]!))
  })

  it('is reported as not rolled back until its StatefulSet is ready', async () => {
    const { options } = installingStore({ rolloutFails: true })
    await assert.rejects(install(store, options), /The rollback to revision 1 failed too: kubectl rollout: timed out/)
  })
})

/** Installs a store whose image cannot be pulled. As in Kubernetes, the rollback waits until somebody deletes the pod. */
function installingStore({ rolloutFails = false } = {}) {
  const set = {
    metadata: { name: 'catalog-store', uid: 'set', generation: 2 },
    status: { observedGeneration: 2, updateRevision: 'bad' }
  }
  const pod = {
    metadata: {
      name: 'catalog-store-0',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'controller-revision-hash': 'bad' },
      ownerReferences: [{ uid: 'set' }]
    },
    status: {
      phase: 'Pending',
      containerStatuses: [{ ready: false, image: 'mongo:none', state: { waiting: { reason: 'ImagePullBackOff' } } }]
    }
  }
  const deleted = Promise.withResolvers<void>()
  const objects = { statefulsets: { items: [set] }, pods: { items: [pod] } }
  const kubectl = ([command]: string[]) => {
    if (command === 'delete') deleted.resolve()
    if (command === 'rollout' && rolloutFails) throw new Failure('kubectl rollout: timed out')
    return ''
  }
  const setup = installing(helmWith(['deployed'], { upgradeFails: true }), { objects, kubectl })
  const { helm } = setup.cluster
  setup.cluster.helm = async (args, limit, input) => {
    const output = await helm(args, limit, input)
    if (args[0] !== 'rollback') return output
    set.status.updateRevision = 'good'
    await deleted.promise
    objects.pods.items = []
    return output
  }
  return setup
}

describe('replaceBlockedPods', () => {
  const set = {
    metadata: { name: 'catalog-store', uid: 'set', generation: 3 },
    status: { observedGeneration: 3, updateRevision: 'new' }
  }
  const blocked = {
    metadata: {
      name: 'catalog-store-0',
      labels: { 'controller-revision-hash': 'old' },
      ownerReferences: [{ uid: 'set' }]
    },
    status: { conditions: [{ type: 'Ready', status: 'False' }] }
  }

  it('deletes a pod of an old revision that is not ready', async () =>
    assert.deepEqual(await deletedPods(set, blocked), ['catalog-store-0']))

  const metadata = blocked.metadata
  for (const { what, pod } of [
    { what: 'that is ready', pod: { ...blocked, status: { conditions: [{ type: 'Ready', status: 'True' }] } } },
    {
      what: 'of the revision that the StatefulSet wants',
      pod: { ...blocked, metadata: { ...metadata, labels: { 'controller-revision-hash': 'new' } } }
    },
    { what: 'of another owner', pod: { ...blocked, metadata: { ...metadata, ownerReferences: [{ uid: 'job' }] } } },
    {
      what: 'that is being deleted',
      pod: { ...blocked, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    }
  ])
    it(`keeps a pod ${what}`, async () => assert.deepEqual(await deletedPods(set, pod), []))

  it('keeps all pods until the StatefulSet has seen its new spec', async () => {
    const before = { ...set, status: { observedGeneration: 2, updateRevision: 'new' } }
    assert.deepEqual(await deletedPods(before, blocked), [])
  })

  it('tries again after an error of kubectl', async () => {
    let attempts = 0
    const failOnce = () => {
      if (attempts++ === 0) throw new Failure('kubectl delete: no connection')
    }
    assert.deepEqual(await deletedPods(set, blocked, failOnce), ['catalog-store-0'])
    assert.equal(attempts, 2)
  })

  it('does not report an error of kubectl that is over when the change fails', async () => {
    const change = Promise.withResolvers<void>()
    const { cluster } = fakeCluster({ objects: { statefulsets: { items: [] } } })
    const { get } = cluster
    let looks = 0
    cluster.get = async <T>(...what: string[]) => {
      if (++looks === 1) throw new Failure('kubectl get: no connection')
      if (looks === 3) change.reject(new Failure('helm upgrade: timed out'))
      return get<T>(...what)
    }
    await assert.rejects(replaceBlockedPods(cluster, 'catalog-store', change.promise, 1), {
      message: 'helm upgrade: timed out'
    })
  })
})

/** Returns the pods that are deleted during a change. The change ends when the cluster is read for the third time. */
async function deletedPods(set: object, pod: object, onDelete: () => void = () => undefined): Promise<string[]> {
  const objects: Record<string, unknown> = { statefulsets: { items: [set] }, pods: { items: [pod] } }
  const kubectl = () => {
    onDelete()
    objects.pods = { items: [] }
    return ''
  }
  const { cluster } = fakeCluster({ objects, kubectl })
  const change = Promise.withResolvers<void>()
  const { get } = cluster
  let looks = 0
  cluster.get = async <T>(...what: string[]) => {
    if (what[0] === 'statefulsets' && ++looks === 3) change.resolve()
    return get<T>(...what)
  }
  return replaceBlockedPods(cluster, 'catalog-store', change.promise, 1)
}

it('a store is not replaced by a store of another kind, and the commands that delete its data are shown', async () => {
  const revisions = [{ revision: 1, status: 'deployed', chart: 'store-mongodb-0.1.9' }]
  const { changes, options } = installing(([command]) => (command === 'history' ? JSON.stringify(revisions) : ''))
  const release = (chart: string) => ({ name: 'notes-store', chart })
  await assert.rejects(install(release('store-redis'), options), {
    message:
      /was installed from store-mongodb, and store-redis cannot read its data\. .* pvc\/data-notes-store-0 secret\/notes-store -n shop; then deploy again$/
  })
  assert.deepEqual(changes(), [])
  await install(release('store-mongodb'), options)
  assert.deepEqual(changes(), ['helm upgrade'])
})

it("gives helm our values from the standard input, and the user's after them", async () => {
  const { calls, options } = installing(helmWith([]))
  const userValues = { files: ['one.yaml', 'two.yaml'], set: 'replicas=3' }
  await install({ ...catalog, values: { networkPolicy: { egress: [{ ports: [{ port: 1 }] }] } }, userValues }, options)
  const upgrade = calls.find(({ line }) => line.startsWith('helm upgrade'))!
  assert.match(upgrade.line, / --values - --values one\.yaml --values two\.yaml --set replicas=3 /)
  assert.equal(upgrade.input, '{"networkPolicy":{"egress":[{"ports":[{"port":1}]}]}}')
})
