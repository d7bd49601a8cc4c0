import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

describe('.ci/run', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-ci-'))
    cpSync(join(import.meta.dirname, '../.ci/run'), join(root, '.ci/run'))
    // Fake programs for those that it calls. Each prints how it was called.
    write('make', 'echo "ran make $* with SAMPLE=$SAMPLE"\n[ "$*" != "$FAILING" ]')
    write('node_modules/node/bin/node', 'echo "ran $*" >&2')
    write('k8s/local/build.sh', 'echo "ran build $*"')
    write('scripts/setup.sh', 'echo "ran setup $*"')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function write(file: string, script: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `#!/bin/sh\n${script}\n`)
    chmodSync(join(root, file), 0o755)
  }

  function run(words: string[] = [], environment: Record<string, string> = {}) {
    const env = { ...process.env, PATH: `${root}:${process.env.PATH}`, SAMPLE: '', ...environment }
    return spawnSync(join(root, '.ci/run'), words, { encoding: 'utf8', env })
  }

  function commit(): string {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
    git('init')
    git('add', '.')
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-m', 'Change')
    return git('rev-parse', 'HEAD')
  }

  it('runs the suites with the hash of the commit, and prints each sample and the duration of each part', () => {
    const hash = commit()
    const { status, stdout, stderr } = run()
    assert.equal(status, 0)
    for (const suite of ['fuzz', 'faults', 'test-cluster']) {
      assert.ok(stdout.includes(`ran make ${suite} with SAMPLE=${hash}\n`), suite)
      assert.ok(stderr.includes(`ran test/sample/main.ts ${suite}\n`), suite)
      assert.match(stdout, new RegExp(`^ +\\d+ s {2}make ${suite}$`, 'm'))
    }
  })

  it('runs the sample that SAMPLE chooses', () => {
    commit()
    assert.match(run([], { SAMPLE: 'abc' }).stdout, /ran make faults with SAMPLE=abc\n/)
  })

  it('runs complete suites with `all`, and first prints how long that takes', () => {
    commit()
    const { stdout, stderr } = run(['all'], { SAMPLE: 'abc' })
    assert.match(stdout, /ran make faults with SAMPLE=\n/)
    assert.match(stderr, /ran test\/sample\/estimate\.ts all\n/)
    assert.doesNotMatch(stderr, /sample\/main\.ts/)
  })

  it('chooses samples by the date if git has no commit', () => {
    const { status, stdout } = run([], { GIT_CEILING_DIRECTORIES: dirname(root) })
    assert.equal(status, 0)
    assert.match(stdout, /ran make fuzz with SAMPLE=\d{4}-\d\d-\d\d\n/)
  })

  it('fails with the first part that fails, and removes the cluster', () => {
    commit()
    const { status, stdout } = run([], { FAILING: 'fuzz' })
    assert.equal(status, 1)
    assert.doesNotMatch(stdout, /ran make faults/)
    assert.match(stdout, /ran make cluster-down/)
  })
})
