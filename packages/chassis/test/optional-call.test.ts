import assert from 'node:assert/strict'
import { pino } from 'pino'
import type { CallContext } from '../src/client/client-request.ts'
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
  const ask = <T>(call: (context: CallContext) => Promise<T>, deadline = 9_000) =>
    callOptional(call, { timeout: 500, context: context(deadline), clock, warning: 'It is shown without prices' })
  beforeEach(() => lines.splice(0))

  it('returns the answer, and calls with the nearer deadline', async () => {
    assert.deepEqual(await ask(async asking => asking), { requestId: 'r-1', ...trace, deadline: 1_500 })
    assert.equal((await ask(async asking => asking, 1_200))!.deadline, 1_200)
    assert.deepEqual(lines, [])
  })

  it('returns undefined and logs one warning if the call fails', async () => {
    const cause = new Error('connect ECONNREFUSED')
    assert.equal(await ask(() => Promise.reject(new Error('away', { cause }))), undefined)
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [[40, 'It is shown without prices']]
    )
  })
})
