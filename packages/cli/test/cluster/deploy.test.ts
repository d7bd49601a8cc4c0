import assert from 'node:assert/strict'
import { type DeployOptions, deploy, type Targets } from '../../src/cluster/deploy.ts'
import { isForTrying } from '../../src/cluster/kubectl.ts'
import { parseUserValues } from '../../src/commands/deploy.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
import { fakeCluster, history, notFound, OUR_NAMESPACE, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const servicesNamed = (...names: string[]) => stack.services.filter(({ name }) => names.includes(name))
const targetsOf = (targets: Partial<Targets>): Targets => ({
  services: [],
  platform: false,
  stores: [],
  ...targets
})
const secretWithUrl = (name: string, url: string) => ({
  metadata: { name },
  data: { url: Buffer.from(url).toString('base64') }
})
const SHARED_RELEASES = ['platform', 'event-log', 'catalog-store']

/** Deploys into a cluster that has these releases. Resolves with the upgraded releases, their values, and the written secrets. */
async function deployInto(existing: string[], options: Partial<DeployOptions>, objects = {}) {
  const helm = ([command, name = '']: string[]) => {
    if (command === 'history' && !existing.includes(name)) throw notFound(name)
    return command === 'history' ? history('superseded', 'deployed') : ''
  }
  const kubectl = ([command]: string[]) => (command === 'get' ? '{"issuer":"https://issuer"}' : '')
  const { cluster, calls } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE, ...objects }, helm, kubectl })
  await deploy({
    stack,
    cluster,
    targets: undefined,
    userValues: { files: [] },
    imageTag: async service => `tag-of-${service}`,
    registry: undefined,
    pullSecret: undefined,
    externalStores: false,
    demoAccounts: false,
    readyWithin: 10,
    say: () => undefined,
    ...options
  })
  const upgrades = calls.filter(({ line }) => line.startsWith('helm upgrade'))
  const values = new Map(upgrades.map(({ line, input }) => [line.split(' ')[2]!, JSON.parse(input!)]))
  const lists = calls.flatMap(({ input }) => (input?.startsWith('{"apiVersion"') ? JSON.parse(input).items : []))
  const secrets: string[] = lists.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  return { names: [...values.keys()].sort(), values, secrets, upgrades: upgrades.map(({ line }) => line) }
}

describe('deploy', () => {
  const targets = targetsOf({ services: servicesNamed('catalog') })

  it('upgrades one service without the platform and the stores', async () =>
    assert.deepEqual((await deployInto(SHARED_RELEASES, { targets })).names, ['catalog']))

  it("installs the missing platform and store of one service, with the service's image for the platform", async () => {
    const { names, values } = await deployInto(['event-log'], { targets })
    assert.deepEqual(names, ['catalog', 'catalog-store', 'platform'])
    const image = { repository: 'bulkhead.local/bulkhead-catalog', tag: 'tag-of-catalog' }
    assert.deepEqual(values.get('platform'), { keys: { image } })
  })

  it('upgrades everything if no targets are given', async () => {
    const { names } = await deployInto(SHARED_RELEASES, {})
    const services = stack.services.map(({ name }) => name)
    for (const name of [...SHARED_RELEASES, ...services]) assert.ok(names.includes(name), name)
  })

  it('installs the load after the services, with the demo accounts if there are some', async () => {
    const options = { targets, loadRate: 2, registry: 'one.example', demoAccounts: true }
    const { names, values, upgrades } = await deployInto(SHARED_RELEASES, options)
    assert.deepEqual(names, ['catalog', 'load'])
    assert.match(upgrades.at(-1)!, /^helm upgrade load /)
    const image = { tag: 'tag-of-load', repository: 'one.example/bulkhead-load' }
    assert.deepEqual(values.get('load'), { rate: 2, image, accounts: { existingSecret: 'demo-accounts' } })
    const guests = await deployInto(SHARED_RELEASES, { targets, loadRate: 2 })
    assert.deepEqual(guests.values.get('load').accounts, {})
  })

  it('upgrades only the platform, with the values of the user and the image of its Job', async () => {
    const container = { image: 'registry.example:5000/shop/bulkhead-gateway:1.2.3@sha256:ab' }
    const cronjob = { spec: { jobTemplate: { spec: { template: { spec: { containers: [container] } } } } } }
    const options = { targets: targetsOf({ platform: true }), userValues: { files: ['class.yaml'] } }
    const { names, values, upgrades, secrets } = await deployInto(['platform'], options, { cronjob })
    assert.deepEqual(names, ['platform'])
    assert.match(upgrades[0]!, / --values - --values class\.yaml /)
    const image = { repository: 'registry.example:5000/shop/bulkhead-gateway', tag: '1.2.3@sha256:ab' }
    assert.deepEqual(values.get('platform'), { keys: { image } })
    assert.deepEqual(secrets.sort(), ['bulkhead-secrets', 'gateway-tls'])
  })

  it('writes no store addresses for external stores, and lets services connect to them', async () => {
    const items = [
      secretWithUrl('catalog-store', 'mongodb://m.example:27018'),
      secretWithUrl('catalog-event-log', 'redis://l.example')
    ]
    const { names, values, secrets } = await deployInto([], { targets, externalStores: true }, { secrets: { items } })
    assert.deepEqual(names, ['catalog', 'platform'])
    assert.deepEqual(secrets.sort(), ['bulkhead-secrets', 'gateway-tls'])
    assert.deepEqual(values.get('catalog').networkPolicy, { egress: [{ ports: [{ port: 27018 }, { port: 6379 }] }] })
  })

  for (const outside of ['mongodb://m.example:27018', 'mongodb+srv://catalog-store.ab.mongodb.net/shop'])
    it(`refuses ${outside} without --external-stores`, async () => {
      const secrets = { items: [secretWithUrl('catalog-store', outside)] }
      await assert.rejects(deployInto([], { targets }, { secrets }), {
        message: /^the Secrets catalog-store have addresses of stores outside the cluster\. Pass --external-stores/
      })
    })

  for (const inside of [
    'mongodb://me:secret@catalog-store:27017/shop',
    'mongodb://catalog-store.shop.svc.cluster.local'
  ])
    it(`installs the store with the address ${inside}`, async () => {
      const secrets = { items: [secretWithUrl('catalog-store', inside)] }
      assert.ok((await deployInto([], { targets }, { secrets })).names.includes('catalog-store'))
    })

  it('upgrades only one store, with the values of the user', async () => {
    const options = {
      targets: targetsOf({ stores: ['catalog-store'] }),
      userValues: { files: ['a.yaml'] }
    }
    const { names, upgrades } = await deployInto(SHARED_RELEASES, options)
    assert.deepEqual(names, ['catalog-store'])
    assert.match(upgrades[0]!, / --values - --values a\.yaml /)
  })

  it('gives the pull secret to all releases', async () => {
    const { values } = await deployInto([], { targets, pullSecret: 'mine' })
    const pullSecrets = [{ name: 'mine' }]
    for (const name of ['catalog', 'catalog-store', 'event-log'])
      assert.deepEqual(values.get(name).image.pullSecrets, pullSecrets)
    assert.deepEqual(values.get('platform').keys.image.pullSecrets, pullSecrets)
  })

  it('creates demo accounts only if the user wants them', async () => {
    const identity = targetsOf({ services: servicesNamed('identity') })
    const without = await deployInto(SHARED_RELEASES, { targets: identity })
    assert.equal(without.values.get('identity').files, undefined)
    assert.ok(!without.secrets.includes('demo-accounts'))
    const wanted = await deployInto(SHARED_RELEASES, { targets: identity, demoAccounts: true })
    const file = { secret: 'demo-accounts', key: 'accounts.json' }
    assert.deepEqual(wanted.values.get('identity').files, { BOOTSTRAP_ACCOUNTS_FILE: file })
    assert.ok(wanted.secrets.includes('demo-accounts'))
  })
})

describe('isForTrying', () => {
  for (const { providerID, expected } of [
    { providerID: 'kind://docker/bulkhead/bulkhead-control-plane', expected: true },
    { providerID: 'aws:///eu-west-1a/i-0', expected: false },
    { providerID: undefined, expected: false }
  ])
    it(`is ${expected} for a node whose provider ID is ${providerID}`, async () => {
      const { cluster } = fakeCluster({ objects: { nodes: { items: [{ spec: { providerID } }] } } })
      assert.equal(await isForTrying(cluster), expected)
    })
})

describe('parseUserValues', () => {
  const file = import.meta.filename

  it('returns the files and the values of --set', () =>
    assert.deepEqual(parseUserValues(['platform'], { values: [file], set: 'a=b' }), { files: [file], set: 'a=b' }))

  for (const { title, words, options, problem } of [
    {
      title: 'fails for --set without a name',
      words: [],
      options: { set: 'replicas=3' },
      problem: /--set needs the name of a service/
    },
    {
      title: 'fails for --values without a name',
      words: [],
      options: { values: [file] },
      problem: /--values needs the name of exactly one/
    },
    {
      title: 'fails for --values with two names',
      words: ['catalog', 'cart'],
      options: { values: [file] },
      problem: /--values needs the name of exactly one/
    },
    {
      title: 'fails if a file does not exist',
      words: ['catalog'],
      options: { values: [file, '/nowhere.yaml'] },
      problem: /there is no file \/nowhere\.yaml/
    }
  ])
    it(title, () => assert.throws(() => parseUserValues(words, options), problem))
})
