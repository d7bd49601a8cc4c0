import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { fakeMongod } from '@bulkhead/testing/fake-mongod'
import { mongodbServers } from '../src/stores/mongodb-servers.ts'
import { ensureUser, mongodbUsers, serviceUrl } from '../src/stores/mongodb-users.ts'

describe('users of MongoDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-users-'))
  after(() => rmSync(folder, { recursive: true }))

  it('have different passwords, which are kept in a file that only its owner can read', () => {
    const file = join(folder, 'keys/mongodb.json')
    const [catalog] = mongodbUsers(file, ['catalog'])
    const [same, orders] = mongodbUsers(file, ['catalog', 'orders'])
    assert.deepEqual(same, catalog)
    const all = [catalog, orders].flatMap(users => Object.values(users!.passwords))
    assert.equal(new Set(all).size, 4)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it("are in the address of a service's database", () => {
    const users = { service: 'catalog', passwords: { administrator: 'a', service: 's' } }
    const url = 'mongodb://catalog:s@127.0.0.1:4205/catalog?authSource=catalog&directConnection=true'
    assert.equal(serviceUrl('mongodb://127.0.0.1:4205', users), url)
  })

  for (const { title, existing, command } of [
    { title: 'are created with access to one database', existing: [], command: 'createUser' },
    { title: 'are updated if they already exist', existing: [{ user: 'catalog' }], command: 'updateUser' }
  ])
    it(title, async () => {
      const commands: object[] = []
      const mongod = await fakeMongod(({ $db, lsid: _, ...sent }) => {
        if ('usersInfo' in sent || 'pwd' in sent) commands.push({ ...sent, $db })
        return { ok: 1, users: existing }
      })
      const { db, close } = await connectMongo(mongod.url, 'test')
      const user = { name: 'catalog', password: 'secret', role: 'readWrite', database: 'catalog' }
      await ensureUser(db.client.db('catalog'), user)
      await close()
      mongod.close()
      const roles = [{ role: 'readWrite', db: 'catalog' }]
      assert.deepEqual(commands, [
        { usersInfo: 'catalog', $db: 'catalog' },
        { [command]: 'catalog', pwd: 'secret', roles, $db: 'catalog' }
      ])
    })

  describe('with a mongod on the PATH', () => {
    const { PATH } = process.env
    const options = {
      root: folder,
      folder,
      logs: folder,
      servers: [{ name: 'catalog', port: 4205 }],
      say: () => undefined
    }

    before(() => {
      const mongod = join(folder, 'mongod')
      writeFileSync(mongod, '#!/bin/sh\n')
      chmodSync(mongod, 0o755)
      process.env.PATH = `${folder}${delimiter}${PATH}`
    })
    after(() => {
      process.env.PATH = PATH
    })

    it('are required if `needsUsers` is set', async () => {
      const { programs, hasUsers } = await mongodbServers({ ...options, needsUsers: true })
      assert.ok(hasUsers)
      assert.ok(programs.every(({ args }) => args?.includes('--auth')))
    })

    it('are not required by default', async () => {
      const { programs, hasUsers } = await mongodbServers(options)
      assert.ok(!hasUsers)
      assert.ok(programs.every(({ args }) => !args?.includes('--auth')))
    })
  })
})
