import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const SCRIPTS = join(import.meta.dirname, '../scripts')

describe('the commands of the Makefile', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-make-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  /** Puts a fake program on the PATH of `run`. */
  function program(name: string, text: string) {
    writeFileSync(join(root, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(root, name), 0o755)
  }

  function run(script: string, ...args: string[]) {
    const env = { ...process.env, PATH: `${root}:${process.env.PATH}` }
    return spawnSync(join(SCRIPTS, script), args, { encoding: 'utf8', env })
  }

  describe('verify.sh', () => {
    const verify = (failing: string) => {
      program('npm', `echo "ran $3"\ncase $3 in ${failing}) exit 1; esac`)
      return run('verify.sh')
    }

    it('runs every check even if one fails, and prints how to fix each failed one', () => {
      const { status, stdout, stderr } = verify('lint|generated')
      assert.equal(status, 1)
      assert.deepEqual(stdout.match(/(?<=ran )\w+/g), [
        'types',
        'lint',
        'imports',
        'unused',
        'generated',
        'versions',
        'contracts',
        'lock',
        'charts'
      ])
      assert.match(stderr, /2 of 9 checks failed:\n {2}lint +make format\n {2}generated +make generate\n$/)
    })

    it('succeeds if all checks succeed', () => assert.equal(verify('none').status, 0))
  })

  describe('make test', () => {
    const makeTest = (service: string) => run('test.sh', service)

    it('runs the tests of one service with SERVICE', () => {
      program('mocha', 'printf "%s\\n" "$@"')
      assert.equal(makeTest('cart').stdout, 'services/cart/test/**/*.test.ts\n')
      const shown = execFileSync('make', ['-n', 'test', 'SERVICE=cart'], { cwd: dirname(SCRIPTS), encoding: 'utf8' })
      assert.match(shown, /^npm test --silent -- cart$/m)
    })

    for (const service of ['bread', '../packages/cli', 'cart/']) {
      it(`refuses SERVICE=${service}, and names the services`, () => {
        const { status, stderr } = makeTest(service)
        assert.equal(status, 2)
        assert.match(stderr, /^test: there is no service .*\. Choose one of: cart catalog .*sandbox\n$/)
      })
    }
  })

  describe('make load', () => {
    it('passes its rate, its duration and its address on', () => {
      const call = ['-n', 'load', 'RATE=5', 'DURATION=1m', 'URL=https://shop.example']
      const shown = execFileSync('make', call, { cwd: dirname(SCRIPTS), encoding: 'utf8' })
      assert.match(shown, /bulkhead\.js load --rate 5 --duration 1m --url 'https:\/\/shop\.example'$/m)
    })
  })

  it('make logs passes the period, the level and the trace', () => {
    const options = ['-n', 'logs', 'SERVICE=cart', 'SINCE=5m', 'LEVEL=warn', 'TRACE=abc']
    const shown = execFileSync('make', options, { cwd: dirname(SCRIPTS), encoding: 'utf8' })
    assert.match(shown, /bulkhead\.js logs cart --since 5m --level warn --trace abc\n/)
  })

  describe('make deploy', () => {
    it('builds the image of the load and installs it only with LOAD=1', () => {
      const shown = (...args: string[]) =>
        execFileSync('make', ['-n', 'deploy', ...args], { cwd: dirname(SCRIPTS), encoding: 'utf8' })
      assert.match(shown('LOAD=1'), /provide\.sh load\n.*bulkhead\.js deploy .*--load 1\n/s)
      assert.doesNotMatch(shown(), /load/)
    })
  })

  describe('make up', () => {
    for (const [title, value, options] of [
      ['runs in the background with DETACH=1', '1', ' --detach'],
      ['runs in the foreground with DETACH=0', '0', ''],
      ['runs in the foreground with an empty DETACH', '', '']
    ]) {
      it(title!, () => {
        const shown = execFileSync('make', ['-n', 'up', `DETACH=${value}`], { cwd: dirname(SCRIPTS), encoding: 'utf8' })
        assert.match(shown, new RegExp(`bulkhead\\.js up${options} *$`, 'm'))
      })
    }

    for (const [value, options] of [
      ['1', ' --load 1'],
      ['0', '']
    ]) {
      it(`plays ${value} shoppers a second with LOAD=${value}`, () => {
        const shown = execFileSync('make', ['-n', 'up', `LOAD=${value}`], { cwd: dirname(SCRIPTS), encoding: 'utf8' })
        assert.match(shown, new RegExp(`bulkhead\\.js up *${options} *$`, 'm'))
      })
    }

    it('starts the services that SERVICES names', () => {
      const shown = execFileSync('make', ['-n', 'up', 'SERVICES=catalog,cart'], {
        cwd: dirname(SCRIPTS),
        encoding: 'utf8'
      })
      assert.match(shown, /bulkhead\.js up --services 'catalog,cart' *$/m)
    })
  })
})
