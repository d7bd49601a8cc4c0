import assert from 'node:assert/strict'
import { pino } from 'pino'
import { callOptional } from '../src/client/optional-call.ts'
import type { Context } from '../src/core/context.ts'
import { trace } from './counters.ts'

describe('callOptional', () => {
  const clock = { now: () => new Date(1_000) }
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })
  const context = (deadline: number): Context => ({
    requestId: 'r-1',
    ...trace,
    deadline,
    log,
    caller: { kind: 'anonymous' }
  })
  const ask = <T>(call: Parameters<typeof callOptional<T>>[0], deadline = 9_000) =>
    callOptional(call, { timeout: 500, context: context(deadline), clock, warning: 'It is shown without prices' })
  beforeEach(() => lines.splice(0))

  it('gives the answer, asked for under the request, by the nearer deadline', async () => {
    assert.deepEqual(await ask(async asking => asking), { requestId: 'r-1', ...trace, deadline: 1_500 })
    assert.equal((await ask(async asking => asking, 1_200))!.deadline, 1_200)
    assert.deepEqual(lines, [])
  })

  it('goes without what fails, with one warning', async () => {
    const cause = new Error('connect ECONNREFUSED')
    assert.equal(await ask(() => Promise.reject(new Error('away', { cause }))), undefined)
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [[40, 'It is shown without prices']]
    )
  })
})
