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

  it('are those of the last commits, the latest first, three at most', () => {
    commit('services/alpha/src/app.ts')
    assert.deepEqual(changedServices(root, SERVICES), ['alpha'])
    for (const name of ['beta', 'gamma', 'delta']) commit(`services/${name}/src/deep/file.ts`)
    assert.deepEqual(changedServices(root, SERVICES), ['delta', 'gamma', 'beta'])
  })

  it('are those whose sources, tests or chart changed, not what is generated with a version', () => {
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

  it('are counted from a base where one is given', () => {
    commit('services/alpha/src/app.ts')
    git('tag', 'base')
    commit('services/beta/src/app.ts')
    assert.deepEqual(changedServices(root, SERVICES, 'base'), ['beta'])
  })

  it('are none in a clone of one commit, which seems to add every file', () => {
    commit('services/alpha/src/app.ts')
    commit('services/beta/src/app.ts')
    assert.deepEqual(changedServices(clone(1), SERVICES), [])
    assert.deepEqual(changedServices(clone(2), SERVICES), ['beta'])
  })

  it('include what came by a merge', () => {
    git('checkout', '-b', 'feature')
    commit('services/gamma/src/app.ts')
    git('checkout', 'main')
    commit('README.md')
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'merge', '--no-ff', 'feature', '-m', 'Merge')
    assert.deepEqual(changedServices(root, SERVICES), ['gamma'])
  })
})
