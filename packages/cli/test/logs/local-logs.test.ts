import { deepEqual } from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { printLocalLogs } from '../../src/logs/local-logs.ts'

describe('the logs of the stack on this machine', () => {
  let folder: string
  let stopping: AbortController
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-logs-'))
    stopping = new AbortController()
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (log: string, second: number, msg: string) => {
    const time = new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString()
    appendFileSync(join(folder, log), `${JSON.stringify({ time, level: 'info', msg })}\n`)
  }

  function printing({ name, isFollowed = false }: { name?: string; isFollowed?: boolean }) {
    const printed: unknown[] = []
    const print = ({ fields }: { fields?: Record<string, unknown> }) => void printed.push(fields?.msg)
    const ended = printLocalLogs({ folder, name, print, isFollowed, stop: stopping.signal })
    return { printed, ended }
  }

  it('are ordered by time, with the part that was put aside', async () => {
    write('cart.log.1', 1, 'first')
    write('cart.log', 3, 'third')
    write('orders.log', 2, 'second')
    write('orders.log', 4, 'fourth')
    const { printed, ended } = printing({})
    await ended
    deepEqual(printed, ['first', 'second', 'third', 'fourth'])
  })

  it('can be chosen by name', async () => {
    write('cart.log', 1, 'of cart')
    write('orders.log', 2, 'of orders')
    const { printed, ended } = printing({ name: 'orders' })
    await ended
    deepEqual(printed, ['of orders'])
  })

  it('are followed when they are emptied, removed with their folder, and created again', async () => {
    write('cart.log', 1, 'a first line that is long')
    appendFileSync(join(folder, 'cart.log'), '{"time":"2026-11-30T12:00:02.000Z","msg":"in two')
    const { printed, ended } = printing({ isFollowed: true })
    await until(() => printed.length === 1)
    appendFileSync(join(folder, 'cart.log'), ' parts"}\n')
    await until(() => printed.length === 2)
    truncateSync(join(folder, 'cart.log'))
    write('cart.log', 3, 'emptied')
    await until(() => printed.length === 3)
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    write('cart.log', 4, 'created again, longer than before')
    write('orders.log', 5, 'new')
    await until(() => printed.length === 5)
    stopping.abort()
    await ended
    const last = ['created again, longer than before', 'new']
    deepEqual(printed, ['a first line that is long', 'in two parts', 'emptied', ...last])
  })
})
