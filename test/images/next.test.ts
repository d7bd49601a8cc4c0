import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { cloudEvent } from '@bulkhead/chassis/contract'
import { newId } from '@bulkhead/chassis/core'
import { customer, staff } from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import { build } from 'esbuild'
import { bundleOptions } from '../../packages/cli/src/bundling/bundle.ts'
import { bundleImage } from '../../scripts/images/image-files.ts'
import { identityNeeds } from '../../services/cart/src/clients/identity.ts'
import { expand } from '../cluster/next/edits.ts'
import { edited, nextRelease } from '../cluster/next/overlay.ts'

const root = join(import.meta.dirname, '../..')
const RELEASES = ['released', 'next'] as const
type Release = (typeof RELEASES)[number]

describe('the next release for tests of upgrades', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-next-'))
  const running: ReturnType<typeof serviceProcess>[] = []
  let log: RedisDatabase
  const who = staff()

  const program = (service: string, release: Release) => join(folder, 'bundles', service, release, 'app/server.js')

  before(async () => {
    for (const target of ['identity', 'catalog']) writeFileSync(join(folder, target), 'token-of-cart')
    for (const service of ['catalog', 'cart']) {
      await bundleImage(root, service, join(folder, 'bundles', service, 'released'))
      await bundleImage(root, service, join(folder, 'bundles', service, 'next'), 'expand')
    }
  })
  beforeEach(async () => {
    log = await redisDatabase()
  })
  afterEach(async () => {
    for (const { stop, ended } of running.splice(0)) {
      stop('SIGKILL')
      await ended
    }
    await log.close()
  })
  after(() => rmSync(folder, { recursive: true }))

  async function start(service: string, release: Release, environment: Record<string, string>) {
    const started = serviceProcess(program(service, release), { EVENT_LOG_URL: log.url, ...environment })
    running.push(started)
    return started.ready()
  }

  const send = (method: string, url: string, header: string, body?: object, etag?: string) =>
    fetch(url, {
      method,
      headers: {
        authorization: header,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        ...(etag && { 'if-match': etag })
      },
      signal: AbortSignal.timeout(60_000),
      ...(body && { body: JSON.stringify(body) })
    })

  for (const { file, find, replace } of expand) {
    it(`can apply its edit of ${file}: ${find.slice(0, 40)}`, () => {
      assert.ok(edited(readFileSync(join(root, file), 'utf8'), { file, find, replace }).includes(replace))
    })
  }

  it('is not built if an edit no longer applies', () => {
    assert.throws(() => edited('other', { file: 'a.ts', find: 'one', replace: 'two' }), /a\.ts contains "one" 0 times/)
    assert.throws(
      () => edited('one one', { file: 'a.ts', find: 'one', replace: 'two' }),
      /a\.ts contains "one" 2 times/
    )
  })

  /** Returns the texts that identify the next release in a bundle: its version, and the new fields of its documents and events. */
  function marksOf(folder: string) {
    const readJson = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const sources = globSync('src/**/*.ts', { cwd: folder }).map(file => readFileSync(join(folder, file), 'utf8'))
    const hasEdit = expand.some(({ file }) => file.startsWith(`services/${basename(folder)}/`))
    const hasDocuments = hasEdit || sources.some(source => source.includes(' aggregates<'))
    const hasEvents = sources.some(source => source.includes('defineEvent('))
    return [
      `${readJson('package.json').version}-next`,
      ...(hasDocuments ? ['touchedAt'] : []),
      ...(hasEvents ? ['previousVersion:event.version-1'] : [])
    ]
  }

  /** Checks that a bundle contains all marks. Ignores line breaks, because a bundle may have them anywhere. */
  function assertMarked(bundle: string, marks: string[]) {
    const text = bundle.replaceAll('\n', '')
    for (const mark of marks) assert.ok(text.includes(mark), mark)
  }

  for (const service of globSync('services/*', { cwd: root }).map(path => basename(path))) {
    const marks = marksOf(join(root, 'services', service))
    it(`of ${service} contains the marks ${marks.join(', ')}`, async () => {
      const made = join(folder, 'all', service)
      await bundleImage(root, service, made, 'expand')
      assertMarked(readFileSync(join(made, 'app/server.js'), 'utf8'), marks)
    })
  }

  describe('of a new service', () => {
    const copy = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-next-new-')))
    // Packages are links, but the chassis is a copy, because edits apply to files below the root.
    before(() => {
      cpSync(join(root, 'packages/chassis'), join(copy, 'packages/chassis'), { recursive: true })
      mkdirSync(join(copy, 'node_modules/@bulkhead'), { recursive: true })
      symlinkSync('../../packages/chassis', join(copy, 'node_modules/@bulkhead/chassis'))
      for (const name of readdirSync(join(root, 'node_modules')).filter(name => name !== '@bulkhead'))
        symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
    })
    after(() => rmSync(copy, { recursive: true }))

    /** Copies files like `bulkhead new service`. Links in the templates become files. */
    function copyFiles(source: string, target: string) {
      for (const file of globSync('**/*.*', { cwd: source })) {
        mkdirSync(dirname(join(target, file)), { recursive: true })
        copyFileSync(join(source, file), join(target, file))
      }
    }

    for (const { template, count } of [
      { template: 'mongo', count: 3 },
      { template: 'redis', count: 2 },
      { template: 'none', count: 1 }
    ]) {
      it(`with --store ${template} contains the edits that its code allows`, async () => {
        const made = join(copy, 'services', template)
        copyFiles(join(root, 'packages/cli/templates', template), made)
        const plugins = [nextRelease(copy, template, 'expand')]
        const { outputFiles } = await build({ ...bundleOptions(copy, template), plugins })
        const marks = marksOf(made)
        assert.equal(marks.length, count)
        assertMarked(outputFiles.find(({ path }) => path.endsWith('server.js'))!.text, marks)
      })
    }
  })

  describe('of catalog, together with the current release', () => {
    let store: MongoDatabase
    beforeEach(async () => {
      store = await mongoDatabase()
    })
    afterEach(() => store.close())

    for (const [first, second] of [RELEASES, [...RELEASES].reverse()] as [Release, Release][]) {
      it(`the ${second} release keeps all fields when it changes a product of the ${first} release, which can read the result`, async () => {
        const environment = { MONGODB_URL: store.url }
        const urls = {
          [first]: await start('catalog', first, environment),
          [second]: await start('catalog', second, environment)
        }
        const draft = { handle: `mug-${first}`, title: 'Mug', vendor: 'Pottery', tags: ['blue'] }
        const made = await send('POST', `${urls[first]}/products`, who.header, draft)
        assert.equal(made.status, 201)
        const product = (await made.json()) as { id: string }
        const stored = () =>
          store.db
            .collection<{ _id: string; schemaVersion: number; touchedAt?: Date }>('products')
            .findOne({ _id: product.id })
        const inFirst = await stored()

        const seen = await send('GET', `${urls[second]}/products/${product.id}`, who.header)
        const { touchedAt: _, ...shown } = (await seen.json()) as Record<string, unknown>
        assert.deepEqual(shown, product)
        const path = `/products/${product.id}`
        const changed = await send('PATCH', urls[second] + path, who.header, { title: 'Cup' }, '"1"')
        assert.equal(changed.status, 200)
        const back = await send('PATCH', urls[first] + path, who.header, { vendor: 'Kiln' }, '"2"')
        assert.equal(back.status, 200)
        const last = (await back.json()) as Record<string, unknown>
        const {
          updatedAt: _at,
          version: _version,
          ...fields
        } = { ...product, title: 'Cup', vendor: 'Kiln' } as Record<string, unknown>
        for (const [field, value] of Object.entries(fields)) assert.deepEqual(last[field], value, field)

        const inLast = await stored()
        assert.equal(inFirst?.schemaVersion, first === 'next' ? 2 : 1)
        assert.equal(inLast?.schemaVersion, first === 'next' ? 2 : 1)
        assert.ok(inLast?.touchedAt, 'what the next release wrote is still there')

        await until(async () => (await log.redis.xlen('events.catalog')) >= 3)
        const entries = await log.redis.xrange('events.catalog', '-', '+')
        const events = entries.map(([, [, event]]) => JSON.parse(event!))
        const byVersion = Object.fromEntries(events.map(event => [event.data.version, event]))
        const ofNext = first === 'next' ? [1, 3] : [2]
        for (const version of [1, 2, 3]) {
          const { data } = byVersion[version]
          assert.equal(data.previousVersion, ofNext.includes(version) ? version - 1 : undefined)
          assert.deepEqual(cloudEvent.parse(byVersion[version]).data, { version })
        }
      })
    }
  })

  describe('of cart, together with the current release', () => {
    let store: RedisDatabase
    let identity: Awaited<ReturnType<typeof fakeService<typeof identityNeeds.operations>>>
    beforeEach(async () => {
      store = await redisDatabase()
      identity = await fakeService(identityNeeds)
      identity.answer('reportErasure', () => ({ status: 204 }))
    })
    afterEach(() => Promise.all([store.close(), identity.stop()]))

    const environment = () => ({
      REDIS_URL: store.url,
      SERVICE_TOKENS_DIR: folder,
      CATALOG_URL: 'http://127.0.0.1:1',
      IDENTITY_URL: identity.url
    })

    for (const [first, second] of [RELEASES, [...RELEASES].reverse()] as [Release, Release][]) {
      it(`the ${second} release can add lines to a cart of the ${first} release, and the other way round`, async () => {
        const urls = {
          [first]: await start('cart', first, environment()),
          [second]: await start('cart', second, environment())
        }
        const { header } = customer()
        const made = await send('POST', `${urls[first]}/carts`, header)
        const { id } = (await made.json()) as { id: string }
        const line = { productId: newId('prd'), quantity: 1 }
        for (const [release, sku] of [
          [second, 'MUG'],
          [first, 'CUP']
        ] as [Release, string][]) {
          const added = await send('POST', `${urls[release]}/carts/${id}/lines`, header, { ...line, sku })
          assert.equal(added.status, 200)
        }
        const fields = await store.redis.hgetall(`{cart}:${id}`)
        assert.equal(fields.version, '3')
        assert.ok(fields.touchedAt, 'what the next release wrote is still there')
        assert.deepEqual(Object.keys(await store.redis.hgetall(`{cart}:${id}:lines`)).sort(), [
          `${line.productId}/CUP`,
          `${line.productId}/MUG`
        ])
      })
    }

    for (const release of RELEASES) {
      it(`the ${release} release handles events of both releases`, async () => {
        await start('cart', release, environment())
        const subjects = [newId('cus'), newId('cus')]
        for (const [index, data] of [{ version: 2 }, { version: 2, previousVersion: 1 }].entries()) {
          const event = {
            specversion: '1.0',
            id: newId('evt'),
            source: '/identity',
            type: 'identity.customer.erased',
            subject: subjects[index],
            time: new Date().toISOString(),
            datacontenttype: 'application/json',
            traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
            data
          }
          await log.redis.xadd('events.identity', '*', 'event', JSON.stringify(event))
        }
        await until(() => identity.asked.length === 2)
        assert.deepEqual(identity.asked.map(({ params }) => params.id).sort(), subjects.sort())
      })
    }
  })
})
