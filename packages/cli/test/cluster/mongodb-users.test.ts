import assert from 'node:assert/strict'
import { keepSecrets } from '../../src/cluster/secrets.ts'
import { parsePortBase, readStack } from '../../src/stack.ts'
import { fakeCluster, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const services = stack.services.filter(({ name }) => name === 'catalog')
const ADMINISTRATOR = 'mongodb://catalog:old@catalog-store:27017/catalog?authSource=admin'
const OWN = 'mongodb://catalog:own@catalog-store:27017/catalog?authSource=catalog'
const running = { 'pod catalog-store-0': {} }

/** Keeps the secrets of a cluster, and resolves with catalog's as it is written and with the calls of kubectl. */
async function kept(objects: object, url?: string, withPasswords = true) {
  const data = url && Object.entries({ username: 'catalog', password: 'old', url })
  const encoded = data && Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
  const items = encoded ? [{ metadata: { name: 'catalog-store' }, data: encoded }] : []
  const fake = fakeCluster({ objects: { secrets: { items }, ...objects } })
  const which = { withPasswords, ofStores: true, demoAccounts: false, services }
  const written = keepSecrets({ ...stack, services }, fake.cluster, which)
  const applied = () => fake.calls.find(({ line }) => line.startsWith('kubectl apply'))
  return { calls: fake.calls, written, applied, secret: () => secretIn(applied()?.input) }
}

type Secret = { metadata: { name: string }; stringData: { username: string; password: string; url: string } }
const secretIn = (input = '{"items":[]}') =>
  (JSON.parse(input).items as Secret[]).find(({ metadata }) => metadata.name === 'catalog-store')?.stringData

const isExec = ({ line }: { line: string }) => line.startsWith('kubectl exec')

describe('the secret of a MongoDB', () => {
  it('has an administrator, and in its address a user of the service alone', async () => {
    const { calls, written, secret } = await kept({})
    await written
    const { username, password, url } = secret()!
    assert.equal(username, 'root')
    assert.match(url, /^mongodb:\/\/catalog:\w{48}@catalog-store:27017\/catalog\?authSource=catalog$/)
    assert.ok(!url.includes(password))
    assert.equal(calls.filter(isExec).length, 0)
  })

  it('has no user where the MongoDB knows none', async () => {
    const { written, secret } = await kept({}, undefined, false)
    await written
    assert.equal(secret()!.url, 'mongodb://catalog-store:27017/catalog')
  })

  it('of an earlier release gets such a user, once the store that runs has it', async () => {
    const { calls, written, applied, secret } = await kept(running, ADMINISTRATOR)
    await written
    const [exec] = calls.filter(isExec)
    const { username, password, url } = secret()!
    assert.deepEqual({ username, password }, { username: 'catalog', password: 'old' })
    assert.equal(new URL(url).searchParams.get('authSource'), 'catalog')
    assert.match(exec!.line, /^kubectl exec --stdin catalog-store-0 -- sh -ec/)
    assert.ok(!exec!.line.includes(new URL(url).password), 'arguments are for all to read')
    assert.ok(exec!.input!.startsWith(`${url}\n`))
    assert.ok(calls.indexOf(exec!) < calls.indexOf(applied()!))
  })

  it('of an earlier release stays as it is while the store does not run', async () => {
    const { written, applied } = await kept({ 'persistentvolumeclaim data-catalog-store-0': {} }, ADMINISTRATOR)
    await assert.rejects(
      written,
      /^Failure: catalog-store does not run, and its service is to get a user of its own there/
    )
    assert.equal(applied(), undefined)
  })

  it('with a user of the service stays as it is', async () => {
    const { calls, written, secret } = await kept(running, OWN)
    await written
    assert.equal(secret(), undefined)
    assert.equal(calls.filter(isExec).length, 0)
  })
})
