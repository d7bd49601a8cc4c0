import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mongoDatabase } from '@bulkhead/testing/mongo-database'
import { until } from '@bulkhead/testing/until'
import { backUpService, restoreService } from '../../src/backup/service-backup.ts'
import { ask, freePort } from '../../src/processes/ports.ts'
import { findProgram, pathWithBuilt } from '../../src/processes/system-packages.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'bulkhead', AWS_SECRET_ACCESS_KEY: 'secret' }

describe('a backup at S3', () => {
  before(needRestic)

  let server: ChildProcess
  let port: number

  before(async function () {
    const program = findProgram('gofakes3', pathWithBuilt(process.env))
    if (!program) {
      console.log('Not tested: backups at S3, because gofakes3 is not built (k8s/local/build.sh gofakes3)')
      return this.skip()
    }
    port = await freePort()
    const args = ['-host', `127.0.0.1:${port}`, '-backend', 'memory', '-initialbucket', 'backups']
    server = spawn(program, args, { stdio: 'ignore' })
    await until(async () => (await ask(port)) !== undefined)
  })

  after(async () => {
    if (!server) return
    server.kill()
    await once(server, 'exit')
  })

  it('is restored from there', async () => {
    const place = temporaryRepository()
    const source = await mongoDatabase()
    const service = { name: 'orders', version: '1.0.0', url: source.url, publishers: [] }
    const location = `s3:http://127.0.0.1:${port}/backups/shop`
    const access = {
      ...place.access,
      location,
      environment: { ...KEYS, PATH: process.env.PATH, RESTIC_CACHE_DIR: place.folder }
    }
    try {
      const orders = source.db.collection<{ _id: string }>('orders')
      await orders.insertOne({ _id: 'ord_1' })
      await backUpService(service, { access, eventLog: undefined })
      await orders.deleteMany({})
      const restore = { access, eventLog: undefined, at: 'latest', publisherUrl: undefined, erasesCustomers: false }
      await restoreService(service, restore)
      assert.deepEqual(await orders.find().toArray(), [{ _id: 'ord_1' }])
    } finally {
      await source.close()
      place.remove()
    }
  })
})
