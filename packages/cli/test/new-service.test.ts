import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { findHelm, helm } from '../../../scripts/helm.ts'
import { needHelm } from '../../../test/charts/render.ts'
import { openTraffic } from '../../../test/cluster/load/traffic.ts'
import { OWNERS } from '../src/generator/optional-parts.ts'
import type { Shop } from '../src/services/shop.ts'
import { readStack } from '../src/services/stack.ts'
import { storiesOf } from '../src/smoke/stories.ts'
import { COPIED, generatorRepository, REPOSITORY } from './generator-repository.ts'

/** Without .mocharc.json, whose set-up would start stores. The tests use the stores of this run. */
const MOCHA = ['--no-config', '--check-leaks', '--exit', '--timeout', '20000']
const LONGEST = 'name-of-30-characters-in-words'
const MOST_FILES = 10
const MOST_LINES = 350

const NOUNS = {
  customer: { item: 'wish', items: 'wishes' },
  staff: { item: 'story', items: 'stories' },
  public: { item: 'note', items: 'notes' }
}
const made = ['mongo', 'redis', 'none'].flatMap(store =>
  OWNERS.map(owner => ({
    name: `${store}-for-${owner}`,
    store,
    owner,
    item: NOUNS[owner].item,
    items: NOUNS[owner].items
  }))
)

describe('bulkhead new service', () => {
  let repository: ReturnType<typeof generatorRepository>
  let root: string
  before(() => {
    repository = generatorRepository()
    root = repository.root
  })
  after(() => repository.remove())

  const stack = () => readStack(root, 4000)
  const create = (...words: string[]) => repository.run('new', 'service', ...words)
  const read = (file: string) => readFileSync(join(root, file), 'utf8')

  /** Runs a program of node_modules in the test repository. Rejects with its output if it fails. */
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(join(root, 'node_modules/.bin', program), args, { cwd: root }).catch(error => {
      throw new Error(`${program} failed:\n${error.stdout}${error.stderr}`)
    })

  /** Reads the files that the command must not change, by path. */
  function others() {
    const templates = globSync('packages/cli/templates/*/{*,src/**,test/**}.*', { cwd: REPOSITORY })
    const copied = COPIED.filter(file => file !== 'package-lock.json').map(file => join(root, file))
    const files = templates.map(file => join(REPOSITORY, file)).concat(copied)
    return new Map(files.map(file => [file, readFileSync(file, 'utf8')]))
  }

  it('makes services for every combination of store and owner, and changes no other files', async () => {
    const before = others()
    for (const { name, store, owner, item } of made) {
      const { code, output } = await create(name, '--store', store, '--item', item, '--owner', owner)
      assert.equal(code, 0, output)
    }
    assert.equal((await create(LONGEST, '--store', 'mongo', '--item', 'gift-card')).code, 0)
    assert.equal((await create('widgets', '--store', 'redis', '--item', 'template')).code, 0)
    assert.deepEqual(others(), before)
  })

  it('makes services with correct types, format, lint and generated files', async () => {
    await run('tsc', '--noEmit')
    await run('biome', 'check', '--error-on-warnings', 'services')
    await run('node', join(REPOSITORY, 'scripts/generate.ts'), '--check', '--root', root)
  })

  it('makes a dashboard for each service, with rows for what its contract declares', () => {
    for (const { name, store, owner } of made) {
      const dashboard = read(`k8s/monitoring/dashboards/service-${name}.json`)
      const titles: string[] = JSON.parse(dashboard).panels.map(({ title }: { title: string }) => title)
      assert.equal(titles.includes('Store'), store !== 'none', name)
      assert.equal(titles.includes('Calls to catalog, identity'), store === 'mongo' && owner === 'customer', name)
      assert.ok(dashboard.includes(`service=\\"${name}\\"`), name)
    }
  })

  it('makes services whose tests pass', async () => {
    const { stdout } = await run('mocha', ...MOCHA, 'services/*/test/*.test.ts')
    assert.match(stdout, /44 passing/)
  })

  it('makes a service whose process becomes ready, and exits with code 0 after SIGTERM', async () => {
    const { ready, stop, ended } = serviceProcess(join(root, 'services/none-for-public/src/main.ts'), {})
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
  })

  for (const { name, store, items } of made) {
    it(`makes ${name} with few files and lines, and replaces every placeholder`, () => {
      const files = globSync(`services/${name}/**/*.*`, { cwd: root })
      const written = files.filter(file => !/(openapi|contract)\.json$/.test(file))
      const text = written.map(read).join('')
      assert.ok(written.length <= MOST_FILES, `${written.length} files`)
      assert.ok(text.split('\n').length - 1 <= MOST_LINES, `${text.split('\n').length - 1} lines`)
      assert.ok(files.includes(`services/${name}/src/${items}/api.ts`))
      assert.doesNotMatch(text, /widget|wdg|template|#(if|else|end)/i)
      assert.equal(stack().services.find(service => service.name === name)?.store, store.replace('mongo', 'mongodb'))
    })
  }

  it('makes services with a store for customers by default, and services without one for the public', async () => {
    for (const [store, audience] of Object.entries({ mongo: 'customer', redis: 'customer', none: 'public' })) {
      assert.equal((await create(`${store}-as-usual`, '--store', store)).code, 0)
      const openapi = JSON.parse(read(`services/${store}-as-usual/openapi.json`))
      assert.deepEqual(openapi.paths['/items'].post['x-callers'], [audience])
    }
  })

  it('makes services that handle the erasure of customers only if they store data of customers', () => {
    for (const { name, store, owner } of made) {
      const { handles } = JSON.parse(read(`services/${name}/contract.json`))
      const mustErase = store !== 'none' && owner === 'customer'
      assert.equal(handles.includes('identity.customer.erased'), mustErase, name)
    }
  })

  it("accepts the templates' own placeholders as the name and the noun of a service", () => {
    const { provides } = JSON.parse(read('services/widgets/contract.json'))
    const types = provides.events.map(({ type }: { type: string }) => type)
    assert.deepEqual(types, ['widgets.template.created', 'widgets.template.removed'])
    assert.match(read('services/widgets/test/smoke.ts'), /'\/api\/v1\/widgets\/templates'/)
  })

  it('adds a service to package-lock.json like npm', () => {
    const { packages } = JSON.parse(read('package-lock.json'))
    const { name, version, license, dependencies, engines } = JSON.parse(read('services/mongo-for-staff/package.json'))
    assert.deepEqual(packages['services/mongo-for-staff'], { name, version, license, dependencies, engines })
    assert.deepEqual(packages['node_modules/@bulkhead/mongo-for-staff'], {
      resolved: 'services/mongo-for-staff',
      link: true
    })
  })

  it("prints how to run the service's tests, and how to call it with a token that it accepts", async () => {
    const { output } = await create('told', '--store', 'mongo', '--item', 'reply')
    assert.match(output, /Made services\/told, on port \d+:/)
    assert.match(output, /make test SERVICE=told/)
    const call =
      /curl .*tokens\/demo\/customer\)" .*-d '\{"title":"First"\}' http:\/\/127.0.0.1:4000\/api\/v1\/told\/replies/
    assert.match(output, call)
    assert.match((await create('told-public', '--store', 'redis', '--owner', 'public')).output, /tokens\/demo\/staff/)
    assert.doesNotMatch((await create('told-none', '--store', 'none')).output, /tokens/)
  })

  it('makes a story and traffic for each service, with the paths of that service', async () => {
    const asked: string[] = []
    const ask = async (_expected: unknown, _method: string, path: string) => {
      asked.push(path)
      throw new Error('enough')
    }
    const { stories, withoutStory } = await storiesOf(stack(), ask)
    assert.deepEqual(withoutStory, [])
    for (const { steps } of stories.slice(2)) await assert.rejects(steps[0]![1](), { message: 'enough' })
    for (const { name, items } of made) assert.ok(asked.includes(`/api/v1/${name}/${items}`), name)
    const shop = { tokens: { customer: '', staff: '' } } as unknown as Shop
    const traffic = await openTraffic(stack(), 'none-for-public', shop)
    assert.equal(traffic.read().path, '/api/v1/none-for-public/notes')
  })

  it('makes a chart for each service, which renders and passes strict lint', async function () {
    needHelm.call(this)
    const program = findHelm()!
    for (const { name, store } of stack().services.filter(({ name }) => made.some(one => one.name === name))) {
      const chart = join(root, 'charts', name)
      await helm(program, 'lint', '--strict', chart)
      const text = await helm(program, 'template', name, chart)
      assert.match(text, new RegExp(`image: bulkhead\\.local/bulkhead-${name}:0\\.1\\.0`))
      assert.equal(text.includes(`name: ${name}-store, key: url`), store !== 'none')
    }
  })

  for (const [name, reason] of [
    ['Notes', 'lower-case words joined by hyphens'],
    ['a--b', 'lower-case words joined by hyphens'],
    [`${LONGEST}x`, 'has 31 characters'],
    ['chassis', 'reserved'],
    ['notes-redis', 'reserved']
  ]) {
    it(`refuses the name ${name}: ${reason}`, async () => {
      const { code, output } = await create(name!, '--store', 'none')
      assert.equal(code, 1)
      assert.match(output, new RegExp(`"${name}" cannot be a service's name: .*${reason}`))
    })
  }

  for (const { words, reason } of [
    {
      words: ['--item', 'class'],
      reason: /--item cannot be "class": JavaScript or TypeScript already uses this word/
    },
    { words: ['--item', 'clock'], reason: /"clock" would be `Clock` in the code, which already uses that name/ },
    { words: ['--item', 'sheep', '--items', 'sheep'], reason: /--item and --items are both "sheep"/ },
    {
      words: ['--owner', 'guest'],
      reason: /--owner is "guest"\. Give --owner customer, or --owner staff, or --owner public/
    },
    { words: ['--store', 'sqlite'], reason: /--store is "sqlite"\. Give --store mongo/ }
  ]) {
    it(`refuses ${words.join(' ')}, and leaves nothing behind`, async () => {
      const { code, output } = await create('refused', '--store', 'mongo', ...words)
      assert.equal(code, 1)
      assert.match(output, reason)
      assert.deepEqual(globSync('{services,charts}/refused', { cwd: root }), [])
    })
  }

  it('refuses a name that is taken', async () => {
    mkdirSync(join(root, 'services/taken'))
    assert.match((await create('taken', '--store', 'none')).output, /services\/taken already exists/)
  })
})
