import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { serviceLog } from '../src/core/log.ts'

describe('the log of a service', () => {
  it('has every line of a process that was killed right after its last line', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/logs.ts')], { stdio: 'pipe' })
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    const messages = output.trim().split('\n')
    assert.deepEqual(
      messages.map(line => JSON.parse(line).msg),
      ['one', 'two']
    )
  })

  it('hides tokens, cookies and secrets', () => {
    let line = ''
    const destination = {
      write(text: string) {
        line = text
      }
    }
    const log = serviceLog({ service: 'logs', version: '1.0.0', level: 'info', destination })
    const hidden = { authorization: 'Bearer hidden', cookie: 'id=hidden', secret: 'hidden' }
    log.info({ ...hidden, order: { ...hidden, id: 'ord_1' } }, 'one')
    assert.equal(JSON.parse(line).order.id, 'ord_1')
    assert.ok(!line.includes('hidden'), line)
  })
})
