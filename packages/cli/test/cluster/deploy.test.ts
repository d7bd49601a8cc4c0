import assert from 'node:assert/strict'
import { deploy } from '../../src/cluster/deploy.ts'
import { isForTrying } from '../../src/cluster/kubectl.ts'
import { givenValues } from '../../src/commands/deploy.ts'
import { parsePortBase, readStack } from '../../src/stack.ts'
import { fakeCluster, history, notFound, OUR_NAMESPACE, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const only = (...names: string[]) => stack.services.filter(({ name }) => names.includes(name))
const GROUND = ['platform', 'event-log', 'catalog-store']
type Options = Parameters<typeof deploy>[0]

/** Deploys into a cluster where these releases are, and tells what was upgraded, with which values, and which secrets were written. */
async function deployed(there: string[], options: Partial<Options>, objects = {}) {
  const helm = ([command, name = '']: string[]) => {
    if (command === 'history' && !there.includes(name)) throw notFound(name)
    return command === 'history' ? history('superseded', 'deployed') : ''
  }
  const kubectl = ([command]: string[]) => (command === 'get' ? '{"issuer":"https://issuer"}' : '')
  const { cluster, calls } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE, ...objects }, helm, kubectl })
  const usual = {
    named: undefined,
    imageTag: async (service: string) => `tag-of-${service}`,
    registry: undefined,
    pullSecret: undefined,
    externalStores: false,
    demoAccounts: false
  }
  const how = { stack, cluster, given: { files: [] }, readyWithin: 10, say: () => undefined }
  await deploy({ ...how, ...usual, ...options })
  const upgrades = calls.filter(({ line }) => line.startsWith('helm upgrade'))
  const values = new Map(upgrades.map(({ line, input }) => [line.split(' ')[2]!, JSON.parse(input!)]))
  const lists = calls.flatMap(({ input }) => (input?.startsWith('{"apiVersion"') ? JSON.parse(input).items : []))
  const secrets: string[] = lists.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  return { names: [...values.keys()].sort(), values, secrets, upgrades: upgrades.map(({ line }) => line) }
}

describe('deploy', () => {
  const named = { services: only('catalog'), platform: false, stores: [] }

  it('of one service leaves what it stands on alone', async () =>
    assert.deepEqual((await deployed(GROUND, { named })).names, ['catalog']))

  it('of one service installs what it stands on where that is absent, of an image that comes with it', async () => {
    const { names, values } = await deployed(['event-log'], { named })
    assert.deepEqual(names, ['catalog', 'catalog-store', 'platform'])
    const image = { repository: 'bulkhead.local/bulkhead-catalog', tag: 'tag-of-catalog' }
    assert.deepEqual(values.get('platform'), { keys: { image } })
  })

  it('of all upgrades all', async () => {
    const { names } = await deployed(GROUND, {})
    const services = stack.services.map(({ name }) => name)
    for (const name of [...GROUND, ...services]) assert.ok(names.includes(name), name)
  })

  it('of the platform upgrades it alone, with the values given and the image that it has', async () => {
    const container = { image: 'registry.example:5000/shop/bulkhead-gateway:1.2.3@sha256:ab' }
    const cronjob = { spec: { jobTemplate: { spec: { template: { spec: { containers: [container] } } } } } }
    const options = { named: { services: [], platform: true, stores: [] }, given: { files: ['class.yaml'] } }
    const { names, values, upgrades, secrets } = await deployed(['platform'], options, { cronjob })
    assert.deepEqual(names, ['platform'])
    assert.match(upgrades[0]!, / --values - --values class\.yaml /)
    const image = { repository: 'registry.example:5000/shop/bulkhead-gateway', tag: '1.2.3@sha256:ab' }
    assert.deepEqual(values.get('platform'), { keys: { image } })
    assert.deepEqual(secrets.sort(), ['bulkhead-secrets', 'gateway-tls'])
  })

  it('with stores outside makes no address of one inside, and lets services reach theirs', async () => {
    const items = [
      { metadata: { name: 'catalog-store' }, data: url('mongodb://m.example:27018') },
      { metadata: { name: 'catalog-event-log' }, data: url('redis://l.example') }
    ]
    const { names, values, secrets } = await deployed([], { named, externalStores: true }, { secrets: { items } })
    assert.deepEqual(names, ['catalog', 'platform'])
    assert.deepEqual(secrets.sort(), ['bulkhead-secrets', 'gateway-tls'])
    assert.deepEqual(values.get('catalog').networkPolicy, { egress: [{ ports: [{ port: 27018 }, { port: 6379 }] }] })
  })

  const url = (text: string) => ({ url: Buffer.from(text).toString('base64') })

  it('without a word of stores outside is refused where there are some, before anything is changed', async () => {
    const secrets = (text: string) => ({
      secrets: { items: [{ metadata: { name: 'catalog-store' }, data: url(text) }] }
    })
    for (const outside of ['mongodb://m.example:27018', 'mongodb+srv://catalog-store.ab.mongodb.net/shop'])
      await assert.rejects(deployed([], { named }, secrets(outside)), {
        message: /^stores are outside the installation by catalog-store\. Say --external-stores/
      })
    for (const inside of [
      'mongodb://me:secret@catalog-store:27017/shop',
      'mongodb://catalog-store.shop.svc.cluster.local'
    ])
      assert.ok((await deployed([], { named }, secrets(inside))).names.includes('catalog-store'))
  })

  it('of a store that is named upgrades it alone, with the values given', async () => {
    const options = {
      named: { services: [], platform: false, stores: ['catalog-store'] },
      given: { files: ['a.yaml'] }
    }
    const { names, upgrades } = await deployed(GROUND, options)
    assert.deepEqual(names, ['catalog-store'])
    assert.match(upgrades[0]!, / --values - --values a\.yaml /)
  })

  it('gives the Secret with which images are pulled to all', async () => {
    const { values } = await deployed([], { named, pullSecret: 'mine' })
    const pullSecrets = [{ name: 'mine' }]
    for (const name of ['catalog', 'catalog-store', 'event-log'])
      assert.deepEqual(values.get(name).image.pullSecrets, pullSecrets)
    assert.deepEqual(values.get('platform').keys.image.pullSecrets, pullSecrets)
  })

  it('makes demo accounts only where they are wanted', async () => {
    const identity = { services: only('identity'), platform: false, stores: [] }
    const without = await deployed(GROUND, { named: identity })
    assert.equal(without.values.get('identity').files, undefined)
    assert.ok(!without.secrets.includes('demo-accounts'))
    const wanted = await deployed(GROUND, { named: identity, demoAccounts: true })
    const file = { secret: 'demo-accounts', key: 'accounts.json' }
    assert.deepEqual(wanted.values.get('identity').files, { BOOTSTRAP_ACCOUNTS_FILE: file })
    assert.ok(wanted.secrets.includes('demo-accounts'))
  })
})

it('a cluster is for trying where its nodes are of kind', async () => {
  const of = (providerID?: string) =>
    isForTrying(fakeCluster({ objects: { nodes: { items: [{ spec: { providerID } }] } } }).cluster)
  assert.deepEqual(
    [await of('kind://docker/bulkhead/bulkhead-control-plane'), await of('aws:///eu-west-1a/i-0'), await of()],
    [true, false, false]
  )
})

describe('values given to deploy', () => {
  const file = import.meta.filename

  it('are of what is named', () =>
    assert.deepEqual(givenValues(['platform'], { values: [file], set: 'a=b' }), { files: [file], set: 'a=b' }))

  for (const [words, options, problem] of [
    [[], { set: 'replicas=3' }, /--set is for services that are named/],
    [[], { values: [file] }, /--values is for one service or store, or the platform/],
    [['catalog', 'cart'], { values: [file] }, /--values is for one service or store, or the platform/],
    [['catalog'], { values: [file, '/nowhere.yaml'] }, /there is no file \/nowhere\.yaml/]
  ] as const)
    it(`are refused: ${problem.source}, of ${words.length} words`, () =>
      assert.throws(() => givenValues([...words], options as never), problem))
})
