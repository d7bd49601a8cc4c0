import assert from 'node:assert/strict'
import { untilKeysAreRead } from '../../src/cluster/services-keys.ts'
import { lastWarning } from '../../src/cluster/why-not-ready.ts'
import { Failure } from '../../src/failure.ts'
import { fakeCluster } from './fake-cluster.ts'

const at = (name: string, creationTimestamp: string) => ({ name, creationTimestamp })
const [EARLY, LATE] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
const jobs = { items: [{ metadata: at('services-jwks-new', LATE) }, { metadata: at('services-jwks-old', EARLY) }] }
const state = { waiting: { reason: 'ImagePullBackOff' } }
const waiting = {
  metadata: at('services-jwks-new-x', EARLY),
  status: { phase: 'Pending', containerStatuses: [{ ready: false, image: 'gateway:9', restartCount: 0, state }] }
}
const done = {
  metadata: at('services-jwks-cron-x', LATE),
  status: { phase: 'Succeeded', containerStatuses: [{ ready: false, image: 'gateway:8', restartCount: 0, state: {} }] }
}

const kubectl = ([command]: string[]) => {
  if (command === 'wait') throw new Failure('kubectl wait: timed out waiting for the condition')
  return ''
}
const untilRead = (objects: Record<string, unknown>) => untilKeysAreRead(fakeCluster({ objects, kubectl }).cluster)

describe('the keys of the cluster that are not read', () => {
  it('are missing for what the newest pod that is not done says', () =>
    assert.rejects(untilRead({ jobs, pods: { items: [waiting, done] } }), {
      message:
        'Job services-jwks-new has not written the ConfigMap services-jwks within 45 s: the image gateway:9 cannot be pulled (ImagePullBackOff)'
    }))

  it('are missing for what is said of the Job, where it has no pod', () => {
    const events = { items: [{ message: 'pods is forbidden: exceeded quota', metadata: at('one', EARLY) }] }
    return assert.rejects(untilRead({ jobs, events }), /services-jwks-new .*: pods is forbidden: exceeded quota$/)
  })

  it('are missing for want of a Job', () =>
    assert.rejects(untilRead({}), /there is no Job .* bulkhead deploy platform$/))
})

it('the last warning is the newest by its time, whoever reported it', async () => {
  const metadata = at('one', EARLY)
  const warning = async (...items: object[]) =>
    lastWarning(fakeCluster({ objects: { events: { items } } }).cluster, 'catalog-1')
  const old = { message: 'old', metadata, lastTimestamp: '2026-01-03T00:00:00Z' }
  assert.equal(await warning({ message: 'new', metadata, lastTimestamp: '2026-01-04T00:00:00Z' }, old), 'new')
  const series = { lastObservedTime: '2026-01-05T00:00:00.000000Z' }
  assert.equal(await warning({ message: 'seen again', metadata, lastTimestamp: null, series }, old), 'seen again')
  assert.equal(await warning({ message: 'by eventTime', metadata, eventTime: LATE }, old), 'old')
  assert.equal(await warning(), '')
})
