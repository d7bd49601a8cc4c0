import assert from 'node:assert/strict'
import { ensureSecrets } from '../../src/cluster/secrets.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
import { fakeCluster, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const services = stack.services.filter(({ name }) => name === 'catalog')
const ADMINISTRATOR = 'mongodb://catalog:old@catalog-store:27017/catalog?authSource=admin'
const OWN = 'mongodb://catalog:own@catalog-store:27017/catalog?authSource=catalog'
const running = { 'pod catalog-store-0': {} }

/** Runs `ensureSecrets` for catalog, whose Secret may have a `url`. Returns the written Secret and the calls of kubectl. */
async function ensureCatalogSecret(objects: object, url?: string, withPasswords = true) {
  const data = url && Object.entries({ username: 'catalog', password: 'old', url })
  const encoded = data && Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
  const items = encoded ? [{ metadata: { name: 'catalog-store' }, data: encoded }] : []
  const fake = fakeCluster({ objects: { secrets: { items }, ...objects } })
  const options = { withPasswords, ofStores: true, demoAccounts: false, services }
  const written = ensureSecrets({ ...stack, services }, fake.cluster, options)
  const applied = () => fake.calls.find(({ line }) => line.startsWith('kubectl apply'))
  return { calls: fake.calls, written, applied, secret: () => secretIn(applied()?.input) }
}

type Secret = { metadata: { name: string }; stringData: { username: string; password: string; url: string } }
const secretIn = (input = '{"items":[]}') =>
  (JSON.parse(input).items as Secret[]).find(({ metadata }) => metadata.name === 'catalog-store')?.stringData

const isExec = ({ line }: { line: string }) => line.startsWith('kubectl exec')

describe('the secret of a MongoDB', () => {
  it('has an administrator, and a user of the service in its address', async () => {
    const { calls, written, secret } = await ensureCatalogSecret({})
    await written
    const { username, password, url } = secret()!
    assert.equal(username, 'root')
    assert.match(url, /^mongodb:\/\/catalog:\w{48}@catalog-store:27017\/catalog\?authSource=catalog$/)
    assert.ok(!url.includes(password))
    assert.equal(calls.filter(isExec).length, 0)
  })

  it('has no user in its address if the MongoDB has no users', async () => {
    const { written, secret } = await ensureCatalogSecret({}, undefined, false)
    await written
    assert.equal(secret()!.url, 'mongodb://catalog-store:27017/catalog')
  })

  it("gets the service's user in place of the administrator after the running store has that user", async () => {
    const { calls, written, applied, secret } = await ensureCatalogSecret(running, ADMINISTRATOR)
    await written
    const [exec] = calls.filter(isExec)
    const { username, password, url } = secret()!
    assert.deepEqual({ username, password }, { username: 'catalog', password: 'old' })
    assert.equal(new URL(url).searchParams.get('authSource'), 'catalog')
    assert.match(exec!.line, /^kubectl exec --stdin catalog-store-0 -- sh -ec/)
    assert.ok(!exec!.line.includes(new URL(url).password), 'arguments are visible to all')
    assert.ok(exec!.input!.startsWith(`${url}\n`))
    assert.ok(calls.indexOf(exec!) < calls.indexOf(applied()!))
  })

  it('keeps the administrator in its address while the store does not run', async () => {
    const { written, applied } = await ensureCatalogSecret(
      { 'persistentvolumeclaim data-catalog-store-0': {} },
      ADMINISTRATOR
    )
    await assert.rejects(written, /^Failure: cannot create the service's user in catalog-store, which does not run/)
    assert.equal(applied(), undefined)
  })

  it("is not written again if it has the service's user", async () => {
    const { calls, written, secret } = await ensureCatalogSecret(running, OWN)
    await written
    assert.equal(secret(), undefined)
    assert.equal(calls.filter(isExec).length, 0)
  })
})
