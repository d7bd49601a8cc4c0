import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { customer, staff } from '@bulkhead/testing/callers'
import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { newId } from '../src/core/ids.ts'
import { trace } from './counters.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')

describe('the "How to" of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-how-to-'))
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const blocks = [...text.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, file, code]) => [file!, code!] as const)
  // biome-ignore lint/suspicious/noExplicitAny: the test below checks their types
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
    assert.equal(blocks.length, 11)
    assert.equal(text.match(/```/g)!.length, 2 * blocks.length)
    const linesOf = (code: string) => code.split('\n').filter(line => line !== '' && !line.startsWith('import '))
    for (const [file, code] of blocks) assert.ok(linesOf(code).length <= 25, file)
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc')
    await promisify(execFile)(tsc, ['--noEmit', '-p', folder]).catch(error => assert.fail(error.stdout))
  })

  describe('runs as a service, which', () => {
    // biome-ignore lint/suspicious/noExplicitAny: its type is checked above
    let light: any
    const { header } = staff()
    before(async () => {
      light = await startForTest((await load('service.ts')).light)
    })
    after(() => light.close())

    const create = async (room: string, key: string) => {
      const headers = { Authorization: header, 'Idempotency-Key': key }
      const { body } = await request(light.url).post('/lamps').set(headers).send({ room }).expect(201)
      return body
    }
    const eventsOf = (id: string) => aggregateEvents(light.db, 'lamps', id)

    it('creates a lamp once for a key', async () => {
      const { id } = await create('hall', 'one-lamp')
      assert.equal((await create('hall', 'one-lamp')).id, id)
      assert.deepEqual(await eventsOf(id), [['light.lamp.created', 1]])
    })

    it('changes only the current version of a lamp', async () => {
      const { id } = await create('hall', 'switched-lamp')
      const change = () => request(light.url).patch(`/lamps/${id}`).set('Authorization', header).send({ lit: true })
      await change().expect(428)
      const { body } = await change().set('If-Match', '"1"').expect(200)
      assert.deepEqual(body, { id, room: 'hall', lit: true, version: 2 })
      await change().set('If-Match', '"1"').expect(412)
    })

    it('shows a lamp to its owner and staff only', async () => {
      const ada = customer()
      const lamp = { id: newId('lmp'), room: 'hall', lit: false }
      await light.lamps.insert({ ...lamp, owner: ada.id }, [], trace)
      const readBy = (reader: { header: string }) =>
        request(light.url).get(`/own-lamps/${lamp.id}`).set('Authorization', reader.header)
      await readBy(customer()).expect(404)
      for (const reader of [ada, staff()]) {
        const { body } = await readBy(reader).expect(200)
        assert.deepEqual(body, { ...lamp, version: 1 })
      }
    })

    it('handles an event once, and ignores an event of a missing lamp', async () => {
      const { id } = await create('hall', 'toggled-lamp')
      const toggle = light.on['remote.lamp.toggled']
      for (let turn = 0; turn < 2; turn++) await toggle({ id: 'evt_1', subject: id, data: { version: 1 } }, trace)
      await toggle({ id: 'evt_2', subject: newId('lmp'), data: { version: 1 } }, trace)
      const { lit, version } = await light.lamps.byId(id)
      assert.deepEqual({ lit, version }, { lit: true, version: 2 })
    })

    it('asks rooms for a name, and continues without it', async () => {
      const { roomName } = await load('rooms.ts')
      const askName = () => {
        const context = { requestId: 'r-1', ...trace, deadline: Date.now() + 5_000, log: silentLog }
        return roomName('hall', light.rooms, light.clock, context)
      }
      light.fakes.rooms.answer('getRoom', ({ params }: { params: { id: string } }) => ({
        body: { name: `The ${params.id}` }
      }))
      assert.equal(await askName(), 'The hall')
      light.fakes.rooms.answer('getRoom', () => ({ status: 500, body: {} }))
      assert.equal(await askName(), undefined)
    })

    it('sweeps the attic, and counts its lamps', async () => {
      const swept = light.registry.getSingleMetric('light_lamps_swept_total')
      const removed = async () => (await swept.get()).values[0].value
      assert.equal(await removed(), 0)
      const { id } = await create('attic', 'lamp-of-the-attic')
      await (await load('sweep.ts')).sweepAttic(light.lamps, swept)
      assert.equal(await light.lamps.byId(id), null)
      assert.equal(await removed(), 1)
      assert.deepEqual((await eventsOf(id)).at(-1), ['light.lamp.removed', 2])
    })

    it('has a contract with its needs and the events that it handles', async () => {
      const { needs, handles } = (await load('service.ts')).light.contract
      assert.deepEqual(Object.keys(needs), ['rooms'])
      assert.deepEqual(handles, ['remote.lamp.toggled'])
    })
  })
})
