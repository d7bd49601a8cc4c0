import assert from 'node:assert/strict'
import { noFault } from '@bulkhead/chassis/core'
import { pino } from 'pino'
import { type RunDeps, runImport } from '../src/imports/run.ts'
import { startService } from './helper.ts'
import { csv } from './import-helper.ts'

const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'M-1', 'Variant Price': '5.00' }

describe('a run of an import', () => {
  let service: Awaited<ReturnType<typeof startService>>
  const logged: object[] = []
  const log = pino({}, { write: line => void logged.push(JSON.parse(line)) })

  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  /** Creates a stored job that has finished its first `entries` entries. */
  async function jobOf(file: Buffer, entries: number) {
    const { jobs, files } = service.imports
    const id = await jobs.open({ currency: 'EUR', traceparent: '' })
    async function* upload() {
      yield file
    }
    await jobs.enqueue(id, await files.write(id, upload()))
    const job = (await jobs.start(id))!
    return { ...job, progress: { ...job.progress, entries } }
  }

  const writeBatch = () => Promise.reject(new TypeError('This test must not write a batch'))
  const deps = (): RunDeps => ({ ...service.imports, writeBatch, count: () => undefined, passFaultPoint: noFault, log })
  const release = async () => undefined
  const stateOf = async (id: string) => (await service.imports.jobs.byId(id))?.state

  it('renews its lease while it skips finished entries, and stops if the lease is lost', async () => {
    const job = await jobOf(Buffer.from(csv(mug) + '\n'.repeat(4 << 20)), 1)
    const holds = [true, true, false]
    const lease = { hold: async () => holds.shift()!, release }
    await runImport(job, lease, new AbortController().signal, deps())
    assert.deepEqual(holds, [])
    assert.equal(await stateOf(job._id), 'running')
  })

  it('stops if the replica drains', async () => {
    const job = await jobOf(Buffer.from(csv(mug)), 1)
    await runImport(job, { hold: async () => true, release }, AbortSignal.abort(), deps())
    assert.equal(await stateOf(job._id), 'running')
  })

  it('ends the job and logs its ID if it finds a defect', async () => {
    const job = await jobOf(Buffer.from(csv(mug)), 0)
    await runImport(job, { hold: async () => true, release }, new AbortController().signal, deps())
    assert.equal(await stateOf(job._id), 'failed')
    assert.ok(logged.some(line => (line as { import?: string }).import === job._id))
  })
})
