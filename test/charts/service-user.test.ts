import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { ROOT } from './render.ts'

const script = readFileSync(join(ROOT, 'charts/store-mongodb/files/service-user.js'), 'utf8')
const administrator = { MONGO_INITDB_ROOT_USERNAME: 'root', MONGO_INITDB_ROOT_PASSWORD: 'se/cret' }
const own = 'mongodb://catalog:p%40ss@catalog-store:27017/catalog?authSource=catalog'

/** Runs the script as mongosh does, against a MongoDB that has these users. Returns its calls to MongoDB and its printed lines. */
function run(MONGODB_URL: string | undefined, users: string[] = []) {
  const asked: unknown[] = []
  const printed: string[] = []
  const getSiblingDB = (database: string) => ({
    getUser: (user: string) => (users.includes(`${database}.${user}`) ? { user } : null),
    createUser: (user: object) => asked.push(['createUser', database, { ...user }]),
    updateUser: (user: string, rights: object) => asked.push(['updateUser', database, { user, ...rights }])
  })
  runInNewContext(script, {
    URL,
    process: { env: { ...administrator, ...(MONGODB_URL && { MONGODB_URL }) } },
    print: (line: string) => printed.push(line),
    connect(url: string) {
      asked.push(url)
      return { getSiblingDB }
    }
  })
  // Objects of the script's realm never equal objects of this one, so they are copied.
  return { asked: JSON.parse(JSON.stringify(asked)), printed }
}

describe("the script that creates a service's user in MongoDB", () => {
  const asRoot = 'mongodb://root:se%2Fcret@127.0.0.1:27017/admin'
  const user = { user: 'catalog', pwd: 'p@ss', roles: [{ role: 'readWrite', db: 'catalog' }] }

  it('creates a user who may read and write one database', () =>
    assert.deepEqual(run(own), {
      asked: [asRoot, ['createUser', 'catalog', user]],
      printed: ['catalog may read and write catalog']
    }))

  it('sets the password and role of an existing user', () =>
    assert.deepEqual(run(own, ['catalog.catalog']).asked, [asRoot, ['updateUser', 'catalog', user]]))

  it('creates the user in the database of the address if the address has no authSource', () =>
    assert.deepEqual(run(own.replace(/[?].*/, '')).asked, [asRoot, ['createUser', 'catalog', user]]))

  for (const { what, url } of [
    { what: 'the administrator', url: 'mongodb://root:secret@catalog-store:27017/catalog?authSource=admin' },
    { what: 'no user', url: 'mongodb://catalog-store:27017/catalog' },
    { what: 'no database', url: 'mongodb://catalog:pass@catalog-store:27017' },
    { what: 'no address', url: undefined }
  ])
    it(`creates no user if the Secret has ${what}, and prints that`, () => {
      const { asked, printed } = run(url)
      assert.deepEqual(asked, [])
      assert.match(printed[0]!, /^The service gets no user: the url in the Secret /)
    })
})
