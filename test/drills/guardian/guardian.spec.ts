import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const PORT_BASE = 18_500
const root = join(import.meta.dirname, '../../..')
const folder = join(root, '.data/drills', String(PORT_BASE))

describe('a drill that is killed', function () {
  this.timeout(300_000)

  it('leaves no process and no data behind, although it has suspended a service', async () => {
    const runner = spawn(process.execPath, [join(root, 'test/drills/main.ts')], {
      env: { ...process.env, DRILLS_PORT_BASE: String(PORT_BASE), ONLY: 'inventory hangs' },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const closed = once(runner, 'close') // when the guardian has ended, too, because it writes to the same pipe
    let text = ''
    for await (const chunk of runner.stdout) {
      text += chunk
      if (text.includes('the fault is in effect')) break
    }
    const during = processes()
    assert.ok(during.filter(({ state }) => state.startsWith('T')).length >= 2, `no process is suspended:\n${text}`)
    runner.kill('SIGKILL')
    await closed
    assert.deepEqual(processes(), [])
    assert.equal(existsSync(folder), false)
  })
})

/** Lists the processes whose command line names the folder of the drills. */
function processes(): { state: string; command: string }[] {
  const list = execFileSync('ps', ['-eo', 'state=,args='], { encoding: 'utf8', timeout: 10_000 })
  return list
    .split('\n')
    .filter(line => line.includes(folder))
    .map(line => ({ state: line.slice(0, 1), command: line.slice(2) }))
}
