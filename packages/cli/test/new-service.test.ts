import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { OpenTraffic, TrafficSetting } from '@bulkhead/testing/traffic'
import { findHelm, helm } from '../../../scripts/helm.ts'
import { needHelm } from '../../../test/charts/render.ts'
import { serviceExport } from '../src/service-export.ts'
import { storiesOf } from '../src/smoke/stories.ts'
import { readStack } from '../src/stack.ts'
import { bulkhead } from './runner.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')
const COPIED = [
  'package.json',
  'package-lock.json',
  'biome.json',
  'lint/spread-literal.grit',
  'lint/named-types.grit',
  '.gitignore'
]
/** Not .mocharc.json, whose set-up starts stores: those of this run are there. */
const MOCHA = ['--no-config', '--check-leaks', '--exit', '--timeout', '20000']
const LONGEST = 'name-of-30-characters-in-words'

describe('bulkhead new service', () => {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-new-'))
  before(() => {
    for (const file of COPIED) cpSync(join(REPOSITORY, file), join(root, file))
    for (const name of ['node_modules', 'packages']) symlinkSync(join(REPOSITORY, name), join(root, name))
    writeFileSync(
      join(root, 'tsconfig.json'),
      JSON.stringify({ extends: join(REPOSITORY, 'tsconfig.json'), include: ['services'] })
    )
    mkdirSync(join(root, 'services'))
    mkdirSync(join(root, 'charts'))
    symlinkSync(join(REPOSITORY, 'charts/common'), join(root, 'charts/common'))
  })
  after(() => rmSync(root, { recursive: true }))

  async function create(...words: string[]) {
    const command = bulkhead(root, 4000, 'new', 'service', ...words)
    return { code: await command.ended, output: command.output() }
  }

  /** Runs a program of node_modules in the copy. Rejects, with all it wrote, when it fails. */
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(join(root, 'node_modules/.bin', program), args, { cwd: root }).catch(error => {
      throw new Error(`${program} failed:\n${error.stdout}${error.stderr}`)
    })

  /** All that a new service must leave as it is, by path. */
  function others() {
    const templates = globSync('packages/cli/templates/*/{*,src/**,test/**}.*', { cwd: REPOSITORY })
    const texts = [...COPIED.map(file => join(root, file)), ...templates.map(file => join(REPOSITORY, file))]
    return new Map(texts.map(file => [file, readFileSync(file, 'utf8')]))
  }

  it('makes services that pass tests, types, lint and generation at once, and changes nothing else', async () => {
    const before = others()
    const stores = { b: 'mongo', [LONGEST]: 'redis', counts: 'none' }
    for (const [name, store] of Object.entries(stores)) {
      const { code, output } = await create(name, '--store', store)
      assert.equal(code, 0, output)
      assert.match(output, new RegExp(`Made services/${name}, on port 400[123]:`))
    }
    assert.deepEqual(others(), before)
    assert.deepEqual(
      readStack(root, 4000).services.map(({ name, ports, store, state }) => [name, ports.api, store, state]),
      [
        ['b', 4001, 'mongodb', 'records'],
        [LONGEST, 4002, 'redis', 'records'],
        ['counts', 4003, 'none', 'none']
      ]
    )
    await run('tsc', '--noEmit')
    await run('biome', 'check', 'services')
    await run('node', join(REPOSITORY, 'scripts/generate.ts'), '--check', '--root', root)
    const { stdout } = await run('mocha', ...MOCHA, 'services/*/test/*.test.ts')
    assert.match(stdout, /32 passing/)
  })

  it('makes a story and traffic for each, on its own paths', async () => {
    const asked: string[] = []
    const { stories, withoutStory } = await storiesOf(readStack(root, 4000), async (_expected, _method, path) => {
      asked.push(path)
      throw new Error('enough')
    })
    assert.deepEqual(withoutStory, [])
    for (const { steps } of stories.slice(2)) await assert.rejects(steps[0]![1](), { message: 'enough' })
    assert.deepEqual(asked, ['/api/v1/b/items', `/api/v1/${LONGEST}/items`, '/api/v1/counts/word-counts'])
    const open = await serviceExport<OpenTraffic>(readStack(root, 4000), 'counts', 'test/traffic.ts', 'traffic')
    assert.equal((await open!({} as TrafficSetting)).read().path, '/api/v1/counts/word-counts')
    for (const name of ['b', LONGEST])
      assert.ok(await serviceExport(readStack(root, 4000), name, 'test/traffic.ts', 'traffic'), name)
  })

  it('makes a chart for each, which passes strict lint and renders at once', async function () {
    needHelm.call(this)
    const program = findHelm()!
    for (const { name, store } of readStack(root, 4000).services) {
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
      assert.match(output, new RegExp(`"${name}" can not be a service's name: .*${reason}`))
    })
  }

  it('refuses a name that is taken, and a store that there is not', async () => {
    mkdirSync(join(root, 'services/taken'))
    assert.match((await create('taken', '--store', 'none')).output, /services\/taken is there already/)
    assert.match((await create('notes', '--store', 'sqlite')).output, /--store is "sqlite"\. Give --store mongo/)
  })
})
