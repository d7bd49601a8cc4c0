import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { appDeps } from '@bulkhead/testing/app-deps'
import { customer, staff } from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { newId } from '../src/core/ids.ts'
import { createApp } from '../src/http/app.ts'
import { trace } from './counters.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')

describe('the "How to" of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-how-to-'))
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const blocks = [...text.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, file, code]) => [file!, code!] as const)
  // biome-ignore lint/suspicious/noExplicitAny: their types are checked below, where they are
  const load = (file: string): Promise<any> => import(join(folder, file))

  before(() => {
    const compilerOptions = { typeRoots: [join(REPOSITORY, 'node_modules/@types')] }
    const settings = { extends: join(REPOSITORY, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
    for (const [file, code] of blocks) writeFileSync(join(folder, file), code)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is short, and its types are right', async () => {
    assert.equal(blocks.length, 10)
    assert.equal(text.match(/```/g)!.length, 2 * blocks.length)
    const own = (code: string) => code.split('\n').filter(line => line !== '' && !line.startsWith('import '))
    for (const [file, code] of blocks) assert.ok(own(code).length <= 15, file)
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc')
    await promisify(execFile)(tsc, ['--noEmit', '-p', folder]).catch(error => assert.fail(error.stdout))
  })

  it('does what it says', async () => {
    const deps = appDeps('light')
    const { clock, registry } = deps
    const { db, outbox, eventsOf, close } = await mongoStore('light', deps)
    const lamps = (await load('store.ts')).lampStore({ db, outbox, clock })
    await lamps.indexKeys()
    const routers = [
      (await load('creating.ts')).creating(lamps),
      (await load('changing.ts')).changing(lamps),
      (await load('owning.ts')).owning(lamps)
    ]
    const app = createApp({ ...deps, contract: {}, routers, storeProblem: error => error })
    const { header } = staff()
    const create = () =>
      request(app).post('/lamps').set({ Authorization: header, 'Idempotency-Key': 'a-lamp-1' }).send({ room: 'attic' })
    const { body: lamp } = await create().expect(201)
    assert.equal((await create().expect(201)).body.id, lamp.id)
    const light = () => request(app).patch(`/lamps/${lamp.id}`).set('Authorization', header).send({ lit: true })
    await light().expect(428)
    await light().set('If-Match', '"1"').expect(200)

    const handlers = (await load('handlers.ts')).lampHandlers(lamps)
    for (let turn = 0; turn < 2; turn++)
      for (const subject of [lamp.id, 'gone'])
        await handlers['remote.lamp.toggled']({ id: 'evt_1', subject, data: { version: 1 } }, trace)
    const { body: again } = await create().expect(201)
    assert.deepEqual(again, { id: lamp.id, room: 'attic', lit: false, version: 3 })

    const ada = customer()
    const hers = { id: newId('lmp'), room: 'hall', lit: false }
    await lamps.insert({ ...hers, owner: ada.id }, [], trace)
    const readBy = (header: string) => request(app).get(`/own-lamps/${hers.id}`).set('Authorization', header)
    await readBy(customer().header).expect(404)
    for (const who of [ada, staff()])
      assert.deepEqual((await readBy(who.header).expect(200)).body, { ...hers, version: 1 })
    const { contract } = await load('contract.ts')
    assert.deepEqual([Object.keys(contract.needs), contract.handles], [['rooms'], ['remote.lamp.toggled']])

    const fake = await fakeService((await load('needs.ts')).roomNeeds)
    const { connectRooms, roomName } = await load('rooms.ts')
    const rooms = connectRooms({ url: fake.url, token: async () => 'ours', registry })
    const context = { requestId: 'r-1', ...trace, deadline: Date.now() + 5_000, log: silentLog }
    fake.answer('getRoom', ({ params }) => ({ body: { name: `The ${params.id}` } }))
    assert.equal(await roomName('attic', rooms, clock, context), 'The attic')
    await fake.stop()
    assert.equal(await roomName('attic', rooms, clock, context), undefined)

    const { sweepAttic } = await load('sweep.ts')
    const sweeping = sweepAttic(db, lamps, clock, silentLog)
    await until(async () => (await lamps.byId(lamp.id)) === null)
    await sweeping.stop()
    assert.deepEqual(await eventsOf('lamps', lamp.id), [
      ['light.lamp.created', 1],
      ['light.lamp.switched', 2],
      ['light.lamp.switched', 3],
      ['light.lamp.removed', 4]
    ])
    await Promise.all([rooms.close(), close()])
  })
})
