import assert from 'node:assert/strict'
import { untilServiceKeysExist } from '../../src/cluster/services-keys.ts'
import { lastWarning } from '../../src/cluster/why-not-ready.ts'
import { Failure } from '../../src/failure.ts'
import { fakeCluster } from './fake-cluster.ts'

const metadataOf = (name: string, creationTimestamp: string) => ({ name, creationTimestamp })
const [EARLY, LATE] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
const jobs = {
  items: [{ metadata: metadataOf('services-jwks-new', LATE) }, { metadata: metadataOf('services-jwks-old', EARLY) }]
}
const state = { waiting: { reason: 'ImagePullBackOff' } }
const waiting = {
  metadata: metadataOf('services-jwks-new-x', EARLY),
  status: { phase: 'Pending', containerStatuses: [{ ready: false, image: 'gateway:9', restartCount: 0, state }] }
}
const ended = {
  metadata: metadataOf('services-jwks-cron-x', LATE),
  status: { phase: 'Succeeded', containerStatuses: [{ ready: false, image: 'gateway:8', restartCount: 0, state: {} }] }
}

const kubectl = ([command]: string[]) => {
  if (command === 'wait') throw new Failure('kubectl wait: timed out waiting for the condition')
  return ''
}
const waitIn = (objects: Record<string, unknown>) => untilServiceKeysExist(fakeCluster({ objects, kubectl }).cluster)

describe('untilServiceKeysExist', () => {
  it('fails with the reason why the newest unfinished pod is not ready', () =>
    assert.rejects(waitIn({ jobs, pods: { items: [waiting, ended] } }), {
      message:
        'Job services-jwks-new did not write the ConfigMap services-jwks within 45 s: the image gateway:9 cannot be pulled (ImagePullBackOff)'
    }))

  it('fails with the last warning about a Job without a pod', () => {
    const events = { items: [{ message: 'pods is forbidden: exceeded quota', metadata: metadataOf('one', EARLY) }] }
    return assert.rejects(waitIn({ jobs, events }), /services-jwks-new .*: pods is forbidden: exceeded quota$/)
  })

  it('fails if no Job writes the keys', () => assert.rejects(waitIn({}), /no Job writes .* bulkhead deploy platform$/))
})

it('lastWarning returns the newest warning, by the time field that its reporter has set', async () => {
  const metadata = metadataOf('one', EARLY)
  const warning = async (...items: object[]) =>
    lastWarning(fakeCluster({ objects: { events: { items } } }).cluster, 'catalog-1')
  const old = { message: 'old', metadata, lastTimestamp: '2026-01-03T00:00:00Z' }
  assert.equal(await warning({ message: 'new', metadata, lastTimestamp: '2026-01-04T00:00:00Z' }, old), 'new')
  const series = { lastObservedTime: '2026-01-05T00:00:00.000000Z' }
  assert.equal(await warning({ message: 'seen again', metadata, lastTimestamp: null, series }, old), 'seen again')
  assert.equal(await warning({ message: 'by eventTime', metadata, eventTime: LATE }, old), 'old')
  assert.equal(await warning(), '')
})
