import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const SCRIPTS = join(import.meta.dirname, '../scripts')

describe('package-lock.json', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-lock-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function write(file: string, content: object) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), JSON.stringify(content))
  }

  function run(script: string) {
    const call = [join(SCRIPTS, script), '--root', root]
    const { status, stderr } = spawnSync(process.execPath, call, { cwd: root, encoding: 'utf8' })
    return { status, stderr }
  }

  const linter = { version: '1.0.0', optionalDependencies: { 'linter-linux': '1.0.0', 'linter-windows': '1.0.0' } }
  const forLinux = { version: '1.0.0', optional: true }
  const forWindows = { version: '1.0.0', optional: true }
  const service = { dependencies: { linter: '^1.0.0' } }

  describe('check-lock', () => {
    const checked = (packages: object, manifest: object = service) => {
      write('package.json', {})
      write('services/alpha/package.json', manifest)
      write('package-lock.json', { packages: { '': {}, ...packages } })
      return run('check-lock.ts')
    }

    it('accepts a lock file with the packages of every platform', () => {
      const nested = 'node_modules/linter/node_modules/linter-windows'
      const packages = { 'node_modules/linter': linter, 'node_modules/linter-linux': forLinux, [nested]: forWindows }
      assert.deepEqual(checked({ 'services/alpha': service, ...packages }), { status: 0, stderr: '' })
    })

    it('names an optional package of another platform that is missing', () => {
      const { status, stderr } = checked({ 'node_modules/linter': linter, 'node_modules/linter-linux': forLinux })
      assert.equal(status, 1)
      assert.match(stderr, /^node_modules\/linter needs linter-windows, which is not in the lock file\n/)
      assert.doesNotMatch(stderr, /linter-linux/)
    })

    it('names a workspace whose dependencies are missing', () => {
      const { status, stderr } = checked({
        'services/alpha': { dependencies: { other: '*' } },
        'node_modules/other': {}
      })
      assert.equal(status, 1)
      assert.match(stderr, /^services\/alpha\/package\.json has other dependencies than the lock file\n/)
    })

    it('names a package that contains the address of a registry', () => {
      const { status, stderr } = checked({ 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } })
      assert.equal(status, 1)
      assert.match(stderr, /^node_modules\/a has the address of a registry: https:\/\/registry\.example\/a\.tgz\n/)
    })
  })

  describe('is-installed', () => {
    const isInstalled = (locked: object, installed: object) => {
      write('package-lock.json', { packages: locked })
      write('node_modules/.package-lock.json', { packages: installed })
      return run('is-installed.js').status === 0
    }

    it('ignores the packages of other platforms, and the versions of services', () => {
      const locked = {
        'services/alpha': { version: '1.0.1' },
        'node_modules/linter': linter,
        'node_modules/win': forWindows
      }
      assert.ok(isInstalled(locked, { 'services/alpha': { version: '1.0.0' }, 'node_modules/linter': linter }))
    })

    it('finds a package that is missing, has another version, or is no longer needed', () => {
      const locked = { 'node_modules/linter': linter }
      assert.ok(!isInstalled(locked, {}))
      assert.ok(!isInstalled(locked, { 'node_modules/linter': { version: '0.9.0' } }))
      assert.ok(!isInstalled(locked, { 'node_modules/linter': linter, 'node_modules/old': { version: '1.0.0' } }))
    })

    it('finds nothing installed in a fresh clone', () => {
      write('package-lock.json', { packages: { 'node_modules/linter': linter } })
      assert.equal(run('is-installed.js').status, 1)
    })
  })
})
