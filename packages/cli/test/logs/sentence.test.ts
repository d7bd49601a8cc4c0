import { equal, match } from 'node:assert/strict'
import { entryParser } from '../../src/logs/entry.ts'
import { sentences } from '../../src/logs/sentence.ts'

const time = new Date(2026, 10, 30, 12, 0, 1, 123)

describe('the sentence of a log line', () => {
  const sentenceOf = (line: object | string, source = 'gateway', hasColour = false) => {
    const raw = typeof line === 'string' ? line : JSON.stringify({ level: 'info', time: time.toISOString(), ...line })
    return sentences({ hasColour, today: time })(entryParser(source)(raw))
  }
  const request = { method: 'GET', path: '/products', status: 200, ms: 3.21, operation: 'listProducts', msg: 'request' }

  it('describes a request with its trace', () => {
    const line = { ...request, requestId: 'r1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }
    equal(sentenceOf(line), '12:00:01.123 gateway    GET /products 200 in 3.2 ms  (trace 4bf92f35…)')
  })

  it('says that a caller gave up', () => {
    match(sentenceOf({ ...request, status: 499, ms: 5_000.4 }), /GET \/products given up by the caller in 5000 ms$/)
  })

  it('shows the level above and below info, the reason, and other fields', () => {
    const line = { level: 'warn', msg: 'A step failed', err: { message: 'no: no' }, order: 'ord_1', step: 'capture' }
    equal(sentenceOf(line, 'orders'), '12:00:01.123 orders     WARN A step failed: no  (order ord_1, step capture)')
  })

  it('shows the stack of an error', () => {
    const line = { level: 'error', msg: 'Failed', err: { message: 'no', stack: 'Error: no\n    at somewhere' } }
    match(sentenceOf(line), /ERROR Failed: no\n {4}Error: no\n {8}at somewhere$/)
  })

  it('leaves a line without JSON as it is', () => {
    equal(sentenceOf('Error: no such setting'), '             gateway    Error: no such setting')
  })

  it('replaces control characters, so that no value reaches the terminal as a code', () => {
    match(sentenceOf({ msg: 'a\u001b[31mb\nc' }), /a\\x1b\[31mb\\x0ac$/)
  })

  it('precedes the first line of another day with the day', () => {
    const format = sentences({ hasColour: false, today: new Date(2026, 11, 1) })
    const entry = entryParser('cart')(JSON.stringify({ time: time.toISOString(), msg: 'ready' }))
    match(format(entry), /^Mon Nov 30 2026\n12:00:01\.123 cart/)
    match(format(entry), /^12:00:01\.123 cart/)
  })

  it('has colours only if they are wanted', () => {
    equal(sentenceOf({ ...request, status: 503 }).includes('\u001b'), false)
    equal(sentenceOf({ ...request, status: 503 }, 'gateway', true).includes('\u001b[31mGET /products 503'), true)
  })
})
