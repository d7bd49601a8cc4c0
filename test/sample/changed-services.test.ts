import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { changedServices } from './changed-services.ts'

const SERVICES = ['alpha', 'beta', 'gamma', 'delta']

describe('the services that changed', () => {
  let folder: string
  let root: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-changes-'))
    root = join(folder, 'repository')
    mkdirSync(root)
    git('init', '--initial-branch=main')
    commit(...SERVICES.map(name => `services/${name}/src/app.ts`))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'ignore' })

  let turn = 0
  function commit(...files: string[]) {
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), String(turn++))
    }
    git('add', '.')
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-m', 'Change')
  }

  function clone(depth: number) {
    const to = join(folder, `clone-${depth}`)
    execFileSync('git', ['clone', '--depth', String(depth), `file://${root}`, to], { stdio: 'ignore' })
    return to
  }

  it('are at most three services of the last commits, the latest first', () => {
    commit('services/alpha/src/app.ts')
    assert.deepEqual(changedServices(root, SERVICES), ['alpha'])
    for (const name of ['beta', 'gamma', 'delta']) commit(`services/${name}/src/deep/file.ts`)
    assert.deepEqual(changedServices(root, SERVICES), ['delta', 'gamma', 'beta'])
  })

  it('are services whose sources, tests or chart changed, but not those with only generated changes', () => {
    commit('services/alpha/package.json', 'services/alpha/release.json', 'services/alpha/openapi.json')
    commit(
      'services/alpha/README.md',
      'charts/alpha/Chart.yaml',
      'packages/chassis/src/http/app.ts',
      'services/gone/src/a.ts'
    )
    assert.deepEqual(changedServices(root, SERVICES), [])
    commit('charts/beta/templates/service.yaml')
    commit('services/gamma/test/app.test.ts')
    assert.deepEqual(changedServices(root, SERVICES), ['gamma', 'beta'])
  })

  it('are the services that changed since the base, if one is given', () => {
    commit('services/alpha/src/app.ts')
    git('tag', 'base')
    commit('services/beta/src/app.ts')
    assert.deepEqual(changedServices(root, SERVICES, 'base'), ['beta'])
  })

  it('are none in a clone with one commit, because that commit seems to add every file', () => {
    commit('services/alpha/src/app.ts')
    commit('services/beta/src/app.ts')
    assert.deepEqual(changedServices(clone(1), SERVICES), [])
    assert.deepEqual(changedServices(clone(2), SERVICES), ['beta'])
  })

  it('include the services of a merged branch', () => {
    git('checkout', '-b', 'feature')
    commit('services/gamma/src/app.ts')
    git('checkout', 'main')
    commit('README.md')
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'merge', '--no-ff', 'feature', '-m', 'Merge')
    assert.deepEqual(changedServices(root, SERVICES), ['gamma'])
  })
})
