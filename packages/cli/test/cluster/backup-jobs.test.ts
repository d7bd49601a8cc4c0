import assert from 'node:assert/strict'
import { backUpInCluster, restoreInCluster } from '../../src/backup/cluster/cluster-jobs.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
import { fakeCluster, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const orders = stack.services.filter(({ name }) => name === 'orders')
const container = { name: 'backup', image: 'backup:1', args: ['backup'], env: [{ name: 'SERVICE', value: 'orders' }] }
const template = { metadata: { labels: { app: 'orders-store-backup' } }, spec: { containers: [container] } }
const cronJob = { spec: { jobTemplate: { spec: { backoffLimit: 1, activeDeadlineSeconds: 60, template } } } }
const done = { status: { succeeded: 1 } }
const failed = { status: { conditions: [{ type: 'Failed', status: 'True', message: 'BackoffLimitExceeded' }] } }
const ran = (job: object, pods: object[] = []) => ({
  'cronjob orders-store-backup': cronJob,
  job,
  pods: { items: pods }
})
const logs = (args: string[]) => (args[0] === 'logs' ? 'orders: the last line\n' : '')
const latest = { at: 'latest', as: undefined, say: () => undefined }

/** The Job that a fake cluster was asked to create. */
function createdJob({ calls }: ReturnType<typeof fakeCluster>) {
  const { input } = calls.find(({ line }) => line.startsWith('kubectl create'))!
  return JSON.parse(input!)
}

describe('backups in a cluster', () => {
  it('run the pod of the CronJob, and print its log', async () => {
    const fake = fakeCluster({ objects: ran(done), kubectl: logs })
    const said: string[] = []
    await backUpInCluster(fake.cluster, orders, { say: line => said.push(line) })
    assert.deepEqual(createdJob(fake).spec.template, template)
    assert.deepEqual(said, ['orders: running its backup job', 'orders: the last line'])
  })

  it('fail with the log of a job that fails', async () => {
    const { cluster } = fakeCluster({ objects: ran(failed), kubectl: logs })
    await assert.rejects(
      backUpInCluster(cluster, orders, { say: () => undefined }),
      /orders-backup-\d+ failed: orders: the last line/
    )
  })

  it('say how to switch them on', async () => {
    const { cluster } = fakeCluster({})
    await assert.rejects(
      backUpInCluster(cluster, orders, { say: () => undefined }),
      /has no CronJob orders-store-backup.*bulkhead deploy orders-store/
    )
  })

  it('are not restored while the service has pods, and the error says how to stop it', async () => {
    const fake = fakeCluster({ objects: ran(done, [{ metadata: { name: 'orders-1' } }]) })
    await assert.rejects(
      restoreInCluster(stack, fake.cluster, orders, latest),
      /orders runs: it has 1 pod\.[\s\S]*scale deployment orders --replicas=0/
    )
    assert.deepEqual(fake.lines(), [])
  })

  it('are restored by a job that reads the event log and the erased people with credentials of Secrets', async () => {
    const fake = fakeCluster({ objects: ran(done), kubectl: logs })
    await restoreInCluster(stack, fake.cluster, orders, { ...latest, at: '3f2a9c01' })
    const { spec } = createdJob(fake)
    const [{ args, env }] = spec.template.spec.containers
    assert.deepEqual(args, ['restore', '--at', '3f2a9c01', '--publishers', 'identity,payments', '--erases-customers'])
    const secrets = env.flatMap(
      ({ valueFrom }: { valueFrom?: { secretKeyRef: { name: string } } }) => valueFrom?.secretKeyRef.name ?? []
    )
    assert.deepEqual(secrets, ['event-log', 'event-log', 'identity-store'])
    assert.equal(spec.backoffLimit, 0)
  })
})
