import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { imageVersion } from '../packages/cli/src/bundling/image-version.ts'

const SCRIPTS = join(import.meta.dirname, '../scripts')

describe('scripts', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-scripts-'))
    for (const name of ['alpha', 'beta']) {
      write(`services/${name}/package.json`, JSON.stringify({ name: `@bulkhead/${name}`, version: '1.2.3' }))
      write(`services/${name}/src/main.ts`, `import manifest from '../package.json' with { type: 'json' }\n${WORD}`)
      write(`services/${name}/src/word.ts`, "export const word = 'one'\n")
    }
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const WORD = "import { word } from './word.ts'\nconsole.log(manifest.version, word)\n"

  function write(file: string, text: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }

  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

  async function run(script: string, ...args: string[]) {
    const call = [join(SCRIPTS, script), '--root', root, ...args]
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, call)
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: stdout + stderr }
    }
  }

  describe('release-versions', () => {
    const versionOf = (service: string) => read(`services/${service}/package.json`).version
    const changeAlpha = (word: string) => write('services/alpha/src/word.ts', `export const word = '${word}'\n`)
    beforeEach(() => run('release-versions.ts'))

    it('releases the load like a service', async () => {
      const manifest = { name: '@bulkhead/load', version: '1.0.0' }
      write('packages/load/package.json', JSON.stringify(manifest))
      write('packages/load/src/main.ts', "console.log('one')\n")
      await run('release-versions.ts')
      assert.equal(await imageVersion(root, 'load'), '1.0.0')
      write('packages/load/src/main.ts', "console.log('two')\n")
      assert.match(await imageVersion(root, 'load'), /^1\.0\.0-[0-9a-f]{12}$/)
      await run('release-versions.ts')
      assert.equal(read('packages/load/package.json').version, '1.0.1')
      assert.equal(read('releases.json').tools.load.version, '1.0.1')
    })

    it('increases only the version of a service whose code changed since the last release', async () => {
      for (const [word, version] of [
        ['two', '1.2.4'],
        ['three', '1.2.5']
      ]) {
        changeAlpha(word!)
        const { output } = await run('release-versions.ts')
        assert.match(output, new RegExp(`^services/alpha \\S+ -> ${version}$`, 'm'))
        assert.equal(versionOf('alpha'), version)
        assert.equal(read('releases.json').services.alpha.version, version)
      }
      assert.equal(versionOf('beta'), '1.2.3')
    })

    it('changes nothing if nothing changed since the last release', async () => {
      write('services/beta/README.md', '# beta\n')
      const before = read('releases.json')
      assert.match((await run('release-versions.ts')).output, /^nothing changed since the last release$/m)
      assert.deepEqual(read('releases.json'), before)
    })

    it('updates the versions of services in package-lock.json', async () => {
      const packages = { 'services/alpha': { version: '1.2.3' }, 'node_modules/beta': { version: '0.1.0' } }
      write('package-lock.json', JSON.stringify({ packages }))
      changeAlpha('two')
      await run('release-versions.ts')
      packages['services/alpha'].version = '1.2.4'
      assert.deepEqual(read('package-lock.json'), { packages })
    })

    it('keeps a version that was increased by hand', async () => {
      changeAlpha('two')
      write('services/alpha/package.json', JSON.stringify({ name: '@bulkhead/alpha', version: '2.0.0' }))
      await run('release-versions.ts')
      assert.equal(versionOf('alpha'), '2.0.0')
      assert.equal(read('releases.json').services.alpha.version, '2.0.0')
    })

    it('--check names the services that changed since the last release, and writes nothing', async () => {
      changeAlpha('two')
      const { code, output } = await run('release-versions.ts', '--check')
      assert.deepEqual(
        { code, output },
        { code: 0, output: 'changed since the last release, to be raised by the next one: services/alpha\n' }
      )
      assert.equal(versionOf('alpha'), '1.2.3')
    })

    it('--check refuses a version that is older than the last release', async () => {
      write('services/alpha/package.json', JSON.stringify({ name: '@bulkhead/alpha', version: '1.1.9' }))
      const { code, output } = await run('release-versions.ts', '--check')
      assert.equal(code, 1)
      assert.match(output, /services\/alpha has the version 1\.1\.9, older than its last release 1\.2\.3/)
    })
  })

  describe('the version of an image', () => {
    const version = () => imageVersion(root, 'alpha')

    it('is the version of the last release if the sources did not change after it', async () => {
      await run('release-versions.ts')
      assert.equal(await version(), '1.2.3')
    })

    it('has a digest of the sources if they changed or were never released', async () => {
      const unreleased = await version()
      assert.match(unreleased, /^1\.2\.3-[0-9a-f]{12}$/)
      await run('release-versions.ts')
      write('services/alpha/src/word.ts', "export const word = 'two'\n")
      const changed = await version()
      assert.match(changed, /^1\.2\.3-[0-9a-f]{12}$/)
      assert.notEqual(changed, unreleased)
    })
  })

  describe('check-imports', () => {
    it('accepts imports of the service itself, of the chassis and of packages', async () => {
      write('services/alpha/src/app.ts', "import '@bulkhead/chassis/app'\nimport 'zod'\nimport './word.ts'\n")
      write('services/alpha/test/app.test.ts', "import '@bulkhead/testing/until'\n")
      assert.deepEqual(await run('check-imports.ts'), { code: 0, output: '' })
    })

    for (const [name, from] of [
      ['../../beta/src/word.ts', 'services/alpha/src/app.ts'],
      ['@bulkhead/beta', 'services/alpha/test/app.test.ts'],
      ['@bulkhead/testing/until', 'services/alpha/src/app.ts'],
      ['../../../packages/cli/src/main.ts', 'services/alpha/test/app.test.ts'],
      ['../../../../services/alpha/src/word.ts', 'packages/chassis/src/deep/app.ts']
    ]) {
      it(`refuses ${name} in ${from}`, async () => {
        write(from!, `const it = await import('${name}')\n`)
        const { code, output } = await run('check-imports.ts')
        assert.equal(code, 1)
        assert.ok(output.startsWith(`${from}: ${name}\nimported from another part.`), output)
      })
    }
  })

  describe('check-contracts', () => {
    const lamp = {
      type: 'object',
      properties: { name: { type: 'string' }, watts: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }
    }
    const answer = {
      type: 'object',
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Lamp' } } }
    }
    const listLamps = {
      operationId: 'listLamps',
      parameters: [{ name: 'room', in: 'query' }],
      responses: { 200: { content: { 'application/json': { schema: answer } } } }
    }
    const light = { provides: { events: [{ type: 'light.lamp.made' }] }, needs: {}, handles: [] }
    const lightApi = { paths: { '/lamps': { get: listLamps } }, components: { schemas: { Lamp: lamp } } }
    const reading = (...fields: string[]) => ({
      properties: { items: { items: { properties: Object.fromEntries(fields.map(field => [field, {}])) } } }
    })
    const need = { operation: 'listLamps', method: 'get', path: '/lamps', reads: reading('name', 'watts') }
    const checked = (change: object, handles = ['light.lamp.made'], target = 'light') => {
      for (const name of ['light', 'house']) write(`services/${name}/package.json`, '{}')
      write('services/light/contract.json', JSON.stringify(light))
      write('services/light/openapi.json', JSON.stringify(lightApi))
      write('services/house/openapi.json', JSON.stringify({ paths: {} }))
      const contract = {
        provides: { events: [] },
        needs: { [target]: [{ ...need, ...change }] },
        handles
      }
      write('services/house/contract.json', JSON.stringify(contract))
      return run('check-contracts.ts')
    }

    it('accepts needs and handlers that exist', async () =>
      assert.deepEqual(await checked({ sends: { query: { properties: { room: {} } } } }), { code: 0, output: '' }))

    for (const [change, problem, handles, target] of [
      [
        { reads: reading('name', 'colour') },
        'needs of light: listLamps, reads /items/0/colour, which it does not answer'
      ],
      [
        { sends: { query: { properties: { floor: {} } } } },
        'needs of light: listLamps, sends ?floor, which it does not accept'
      ],
      [{ path: '/lampz' }, 'needs of light: listLamps, GET /lampz, which does not exist there'],
      [{ operation: 'allLamps' }, 'needs of light: allLamps, which is called listLamps there'],
      [{}, 'needs of dark: listLamps, which is no service', [], 'dark'],
      [{}, 'handles light.lamp.maid, which nobody publishes', ['light.lamp.maid']]
    ] as [object, string, string[]?, string?][])
      it(`prints the problem "${problem}"`, async () =>
        assert.deepEqual(await checked(change, handles, target), { code: 1, output: `house ${problem}\n` }))
  })

  describe('check-contracts, about the data of erased customers', () => {
    const ERASED = 'identity.customer.erased'
    const REPORT = { operation: 'reportErasure', method: 'put', path: '/erasures/{id}/reports', reads: {} }
    type Holder = {
      /** The callers of its only operation. */
      callers?: string[]
      method?: string
      store?: string
      reason?: string
      handles?: string[]
      reports?: boolean
    }

    function writeHolder(name: string, { callers = [], method = 'post', handles = [], reports, ...entry }: Holder) {
      const bulkhead = { store: entry.store ?? 'redis', noCustomerData: entry.reason }
      write(`services/${name}/package.json`, JSON.stringify({ bulkhead }))
      const contract = { provides: { events: [] }, needs: reports ? { identity: [REPORT] } : {}, handles }
      write(`services/${name}/contract.json`, JSON.stringify(contract))
      const operation = { operationId: 'keepWish', 'x-callers': callers, responses: {} }
      write(`services/${name}/openapi.json`, JSON.stringify({ paths: { '/wishes': { [method]: operation } } }))
    }

    beforeEach(() => {
      write('services/identity/package.json', JSON.stringify({ bulkhead: { store: 'mongodb' } }))
      const contract = { provides: { events: [{ type: ERASED }] }, needs: {}, handles: [] }
      write('services/identity/contract.json', JSON.stringify(contract))
      const report = { operationId: 'reportErasure', 'x-callers': ['service:*'], responses: {} }
      const register = { operationId: 'register', 'x-callers': ['public'], responses: {} }
      const paths = { '/erasures/{id}/reports': { put: report }, '/registrations': { post: register } }
      write('services/identity/openapi.json', JSON.stringify({ paths }))
    })

    for (const [why, holder] of [
      ['handles and reports the erasure of customers', { callers: ['customer'], handles: [ERASED], reports: true }],
      ['has no store', { callers: ['customer'], store: 'none' }],
      ['lets customers only read', { callers: ['customer', 'public'], method: 'get' }],
      ['lets only staff write', { callers: ['staff'] }],
      ['gets data only from a service without customers', { callers: ['service:clock'] }],
      [
        'gives a reason why it stores no data of customers',
        { callers: ['public'], reason: 'It keeps a count of wishes alone' }
      ]
    ] as [string, Holder][])
      it(`accepts a service that ${why}`, async () => {
        writeHolder('wish', holder)
        assert.deepEqual(await run('check-contracts.ts'), { code: 0, output: '' })
      })

    const mayStore = `wish may store customers' data by keepWish, and does not handle ${ERASED}`
    for (const [why, holder, problem] of [
      ['lets customers write', { callers: ['customer'] }, mayStore],
      ['lets guests write', { callers: ['public'], method: 'put' }, mayStore],
      ['gives an empty reason', { callers: ['customer'], reason: ' ' }, mayStore],
      [
        'handles the erasure but does not report it',
        { callers: ['customer'], handles: [ERASED] },
        `wish handles ${ERASED}, and does not report it by reportErasure`
      ],
      [
        'handles the erasure but says that it has no data to erase',
        { callers: ['customer'], handles: [ERASED], reports: true, reason: 'None' },
        `wish handles ${ERASED}, but says that it has no customers' data`
      ]
    ] as [string, Holder, string][])
      it(`refuses a service that ${why}`, async () => {
        writeHolder('wish', holder)
        const { code, output } = await run('check-contracts.ts')
        assert.equal(code, 1)
        assert.ok(output.startsWith(problem), output)
      })

    it('refuses a service that calls a service with customers or handles its events', async () => {
      writeHolder('wish', { callers: ['customer'], handles: [ERASED], reports: true })
      const contract = {
        provides: { events: [{ type: 'wish.made' }] },
        needs: { identity: [REPORT] },
        handles: [ERASED]
      }
      write('services/wish/contract.json', JSON.stringify(contract))
      writeHolder('listener', { handles: ['wish.made'] })
      writeHolder('reader', {})
      const need = { operation: 'keepWish', method: 'post', path: '/wishes', reads: {} }
      write(
        'services/reader/contract.json',
        JSON.stringify({ provides: { events: [] }, needs: { wish: [need] }, handles: [] })
      )
      const { code, output } = await run('check-contracts.ts')
      assert.equal(code, 1)
      assert.match(output, /^listener may store customers' data by wish\.made, /m)
      assert.match(output, /^reader may store customers' data by keepWish, /m)
    })

    it('refuses a service that a service with customers writes to', async () => {
      writeHolder('wish', { callers: ['customer'], handles: [ERASED], reports: true })
      writeHolder('present', { callers: ['service:wish'] })
      const { code, output } = await run('check-contracts.ts')
      assert.equal(code, 1)
      assert.ok(
        output.startsWith(`present may store customers' data by keepWish, and does not handle ${ERASED}`),
        output
      )
    })
  })
})
