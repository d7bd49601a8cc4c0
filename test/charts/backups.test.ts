import assert from 'node:assert/strict'
import { needHelm, ofKind, renderAs } from './render.ts'

const ON = [
  'backup.enabled=true',
  'backup.existingSecret="backup-repository"',
  'backup.repository="s3:https://s3.example.com/shop"',
  'backup.image.tag="1.2.3"'
]

const backupOf = async (release: string, chart: string, ...values: string[]) => {
  const manifests = await renderAs(release, chart, ...ON, ...values)
  const { labels, name } = ofKind(manifests, 'CronJob').metadata
  const { metadata, spec } = ofKind(manifests, 'CronJob').spec.jobTemplate!.spec.template
  return { manifests, labels, name, podLabels: metadata.labels, pod: spec, container: spec.containers[0] }
}

describe('the backups in the charts of stores', () => {
  before(needHelm)

  it('are off by default', async () => {
    for (const chart of ['store-mongodb', 'store-redis']) {
      const manifests = await renderAs('cart-store', chart)
      assert.ok(!manifests.some(({ kind }) => kind === 'CronJob'), chart)
    }
  })

  it('are a CronJob for each store, with its address and the password from Secrets', async () => {
    for (const [release, chart] of [
      ['orders-store', 'store-mongodb'],
      ['cart-store', 'store-redis']
    ] as const) {
      const { name, container, pod } = await backupOf(release, chart)
      assert.equal(name, `${release}-backup`)
      const variable = (wanted: string) => container.env!.find(each => each.name === wanted)
      assert.equal(variable('SERVICE')?.value, release.replace('-store', ''))
      assert.deepEqual(variable('STORE_URL')?.valueFrom?.secretKeyRef, { name: release, key: 'url' })
      assert.equal(variable('RESTIC_PASSWORD_FILE')?.value, '/etc/bulkhead/backup/password')
      assert.ok(container.env!.every(({ name: each, value = '' }) => value === '' || !/PASSWORD$|KEY/.test(each)))
      assert.equal(pod.automountServiceAccountToken, false)
    }
  })

  it('may connect to the store, and no other new pod may', async () => {
    const { manifests, podLabels } = await backupOf('orders-store', 'store-mongodb')
    const peers = ofKind(manifests, 'NetworkPolicy', 'orders-store').spec.ingress![0]!.from!
    const labels = peers.map(({ podSelector }) => podSelector?.matchLabels ?? {})
    const own = labels.filter(wanted => Object.entries(wanted).every(([key, value]) => podLabels[key] === value))
    assert.equal(own.length, 1)
    const off = ofKind(await renderAs('orders-store', 'store-mongodb'), 'NetworkPolicy', 'orders-store')
    assert.equal(off.spec.ingress![0]!.from!.length, peers.length - 1)
  })

  it('use a volume for the repository if a claim is given', async () => {
    const { pod, container } = await backupOf('orders-store', 'store-mongodb', 'backup.claim="backups"')
    assert.ok(container.volumeMounts!.some(({ mountPath }) => mountPath === '/backups'))
    assert.ok(pod.volumes!.some(({ name }) => name === 'repository'))
  })

  it('need a repository, a Secret, an image and a store of records', async () => {
    const refused = (wanted: RegExp, ...values: string[]) =>
      assert.rejects(renderAs('cart-store', 'store-redis', ...ON, ...values), wanted)
    await refused(/backup\.enabled needs backup\.repository/, 'backup.repository=""')
    await refused(/backup\.enabled needs backup\.existingSecret/, 'backup.existingSecret=""')
    await refused(/backup\.enabled needs backup\.image\.tag/, 'backup.image.tag=""')
    await refused(/backup\.enabled needs a store of records, not use=cache/, 'use="cache"')
  })
})
