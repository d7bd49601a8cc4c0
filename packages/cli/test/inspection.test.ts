import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serviceMetrics } from '@bulkhead/chassis/core'
import { inspection, managementServer } from '@bulkhead/chassis/http'
import { recordingLog } from '@bulkhead/testing/silent'
import { fixtureRepository, freePortBase } from './fixture.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

describe('the commands that look inside a running service', () => {
  let root: string
  let portBase: number
  let server: Server
  let recorded: ReturnType<typeof recordingLog>

  beforeEach(async () => {
    root = fixtureRepository()
    portBase = await freePortBase()
    recorded = recordingLog()
    await listen(true)
  })
  afterEach(() => {
    end()
    rmSync(root, { recursive: true })
  })

  /** Listens on the management port of the service `alpha`. */
  async function listen(isOn: boolean) {
    const inspect = inspection({ isOn, log: recorded.log })
    server = managementServer({ health: { ready: true }, registry: serviceMetrics(), inspect })
    await new Promise<void>(resolve => server.listen(portBase + 101, '127.0.0.1', resolve))
  }

  function end() {
    server.closeAllConnections()
    server.close()
  }

  async function run(words: string[], environment = {}) {
    const env = { ...process.env, PORT_BASE: String(portBase), ...environment }
    const call = promisify(execFile)(process.execPath, [MAIN, ...words, '--root', root], { env, cwd: root })
    const { stdout, stderr, code = 0 } = await call.catch(error => error)
    return { stdout, stderr, code } as { stdout: string; stderr: string; code: number }
  }

  it('change the level of the log for a time, and show it', async () => {
    const { stdout, code } = await run(['log-level', 'alpha', 'debug', '--for', '1h'])
    assert.match(stdout, /^alpha: debug until .+, then info$/m)
    assert.equal(code, 0)
    assert.equal(recorded.log.level, 'debug')
    const [{ until, ...level }] = JSON.parse((await run(['log-level', 'alpha', '--json'])).stdout)
    assert.deepEqual(
      { ...level, until: typeof until },
      { name: 'alpha', level: 'debug', configured: 'info', until: 'string' }
    )
  })

  it('write a CPU profile to a file of their own', async () => {
    const { stdout, stderr } = await run(['profile', 'alpha', '--seconds', '1'])
    const [file] = readdirSync(root).filter(name => name.endsWith('.cpuprofile'))
    assert.match(stdout, new RegExp(`^Wrote ${file} `), stderr)
    assert.ok(JSON.parse(readFileSync(join(root, file!), 'utf8')).nodes.length > 0)
  })

  it('write a heap snapshot that only the user can read, and warn of its secrets', async () => {
    const { stderr } = await run(['profile', 'alpha', '--heap', '--output', 'heap'])
    assert.match(stderr, /also secrets/)
    const file = join(root, 'heap')
    assert.ok(JSON.parse(readFileSync(file, 'utf8')).snapshot.node_count > 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('explain how to turn the inspection on, and leave no file behind', async () => {
    end()
    await listen(false)
    const { stderr, code } = await run(['profile', 'alpha', '--output', 'cpu'])
    assert.match(
      stderr,
      /alpha refuses: Inspection is off.*Unset INSPECTION or set it to 1, and start the stack again/s
    )
    assert.equal(code, 1)
    assert.ok(!readdirSync(root).includes('cpu'))
  })

  for (const { words, problem } of [
    { words: ['profile', 'nobody'], problem: /there is no service "nobody"\. Choose from alpha, beta/ },
    { words: ['profile', 'beta'], problem: /beta does not answer on .+ Does it run\? bulkhead status/ },
    { words: ['profile', 'alpha', '--seconds', '61'], problem: /--seconds is "61"\. Give a number from 1 to 60/ },
    { words: ['profile', 'alpha', '--output', 'package.json/x'], problem: /cannot write package.json\/x/ },
    { words: ['log-level', 'alpha', 'debug', '--for', '2h'], problem: /--for is "2h"\. Give a time from 1s to 1h/ },
    { words: ['log-level', 'alpha', 'loud'], problem: /alpha refuses: level: Invalid option/ }
  ]) {
    it(`fail with the reason: ${words.join(' ')}`, async () => {
      const { stderr, code } = await run(words)
      assert.match(stderr, problem)
      assert.equal(code, 1)
    })
  }

  describe('in a cluster', () => {
    /** Writes a kubectl that knows two pods, and forwards the port of each to the management port of `alpha`. */
    function fakeKubectl() {
      const pod = (name: string, status: string) => ({
        metadata: { name },
        status: { conditions: [{ type: 'Ready', status }] }
      })
      const pods = JSON.stringify({ items: [pod('alpha-1', 'True'), pod('alpha-2', 'True'), pod('alpha-3', 'False')] })
      const bin = join(root, 'bin')
      mkdirSync(bin)
      const forward = `echo "Forwarding from 127.0.0.1:${portBase + 101} -> 9090"; exec sleep 60`
      const script = `#!/bin/sh\ncase "$*" in *port-forward*) ${forward};; *pods*) echo '${pods}';; esac\n`
      for (const name of ['kubectl', 'helm']) {
        writeFileSync(join(bin, name), script)
        chmodSync(join(bin, name), 0o755)
      }
      return { PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: join(root, 'kubeconfig') }
    }

    it('change the level of all ready pods', async () => {
      const { stdout, stderr } = await run(['log-level', 'alpha', 'warn', '--namespace', 'shop'], fakeKubectl())
      const lines = stdout.trim().split('\n')
      assert.deepEqual(
        lines.map(line => line.replace(/ until .*/, '')),
        ['alpha-1: warn', 'alpha-2: warn'],
        stderr
      )
    })

    it('profile the pod that the user names', async () => {
      const environment = fakeKubectl()
      const pod = ['--namespace', 'shop', '--pod', 'alpha-2']
      const { stdout, stderr } = await run(['profile', 'alpha', '--seconds', '1', ...pod], environment)
      assert.match(stdout, / of alpha-2\. /, stderr)
      const unready = await run(['profile', 'alpha', '--namespace', 'shop', '--pod', 'alpha-3'], environment)
      assert.match(unready.stderr, /alpha has no ready pod alpha-3\. Its pods: alpha-1, alpha-2/)
    })
  })
})
