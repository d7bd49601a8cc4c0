import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import type { Problem } from '../src/core/problem.ts'
import { asked, away, clientTarget, fail, known, within } from './client-target.ts'

describe('client, within its limits', () => {
  const target = clientTarget()
  const { connect, metric, outcomes } = target
  /** Returns the operations whose circuits are open. `all` is the circuit of the target. */
  const openCircuits = async () =>
    (await metric('circuit_open')).filter(({ value }) => value === 1).map(({ labels }) => labels.operation ?? 'all')

  it('shows the circuits of the target and of its operations as closed before the first call', async () => {
    connect()
    const circuits = (await metric('circuit_open')).map(({ labels, value }) => ({ operation: labels.operation, value }))
    assert.deepEqual(circuits, [
      { operation: undefined, value: 0 },
      { operation: 'getProduct', value: 0 },
      { operation: 'addProduct', value: 0 },
      { operation: 'orderProduct', value: 0 },
      { operation: 'findProduct', value: 0 },
      { operation: 'removeProduct', value: 0 }
    ])
  })

  it('retries once on another connection if the server hangs', async () => {
    target.answer = () => undefined
    await assert.rejects(connect({ timeout: 300 }).getProduct(asked, within(60_000)), away(/within 300 ms/))
    assert.equal(target.requests.length, 2)
    assert.notEqual(target.requests[0]!.socket, target.requests[1]!.socket)
    assert.deepEqual(await outcomes(), { timeout: 1 })
  })

  it('does not retry a change after a time-out, nor a read whose deadline leaves too little time', async () => {
    target.answer = () => undefined
    const calls = connect({ timeout: 600 })
    await assert.rejects(calls.removeProduct({ params: { id: 'prd_1' } }, within(60_000)), away(/within 600 ms/))
    await assert.rejects(calls.getProduct(asked, within(1_000)), away(/within 600 ms/))
    assert.equal(target.requests.length, 2)
  })

  it('reads an answer that arrived while this process was busy', async () => {
    target.answer = (_, response) => {
      response.end(JSON.stringify(known))
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900))
    }
    assert.deepEqual(await connect({ timeout: 600 }).addProduct({ body: { name: 'Lamp' } }, within(60_000)), known)
  })

  it('does not retry after a time-out if retries are off', async () => {
    target.answer = () => undefined
    await assert.rejects(connect({ timeout: 300, retries: 0 }).getProduct(asked, within(60_000)), away(/within 300 ms/))
    assert.equal(target.requests.length, 1)
  })

  it('gives up on a body that never ends', async () => {
    target.answer = (_, response) => response.write('{"id":')
    await assert.rejects(connect({ timeout: 300 }).getProduct(asked, within(60_000)), away(/within 300 ms/))
  })

  it('never waits beyond the deadline, and sends nothing when it has passed', async () => {
    target.answer = () => undefined
    const calls = connect({ timeout: 600_000 })
    await assert.rejects(calls.getProduct(asked, within(500)), away(/No answer/))
    assert.equal(target.requests.length, 1)
    await assert.rejects(calls.getProduct(asked, within(-1)), away(/within 0 ms/))
    assert.equal(target.requests.length, 1)
  })

  it('tries again after a 503', async () => {
    target.answer = (_, response) => {
      if (target.requests.length > 2) response.end(JSON.stringify(known))
      else response.writeHead(503).end()
    }
    assert.deepEqual(await connect().getProduct(asked, within(60_000)), known)
    assert.equal(target.requests.length, 3)
    assert.equal((await metric('retries_total'))[0]!.value, 2)
  })

  it('tries again at most twice', async () => {
    target.answer = fail(502)
    await assert.rejects(connect().getProduct(asked, within(60_000)), away(/getProduct answered 502/))
    assert.equal(target.requests.length, 3)
  })

  it('tries again after a broken connection', async () => {
    target.answer = (request, response) => {
      if (target.requests.length > 1) response.end(JSON.stringify(known))
      else request.socket.destroy()
    }
    assert.deepEqual(await connect().getProduct(asked, within(60_000)), known)
  })

  it('waits as long as Retry-After says, and does not retry if the deadline is nearer', async () => {
    target.answer = (_, response) => {
      if (target.requests.length > 1) response.end(JSON.stringify(known))
      else response.writeHead(503, { 'Retry-After': '1' }).end()
    }
    const calls = connect()
    const start = Date.now()
    await calls.getProduct(asked, within(60_000))
    assert.ok(Date.now() - start >= 990)
    target.answer = fail(503, { 'Retry-After': '70' })
    target.requests = []
    const refused = calls.getProduct(asked, within(60_000))
    await assert.rejects(refused, error => (error as Problem).headers['Retry-After'] === '70')
    assert.equal(target.requests.length, 1)
  })

  it('does not try a POST again', async () => {
    target.answer = fail(503)
    await assert.rejects(connect().addProduct({ body: { name: 'Lamp' } }, within(60_000)), away(/503/))
    assert.equal(target.requests.length, 1)
  })

  it('tries a POST that changes nothing again, like a GET', async () => {
    target.answer = (request, response) => {
      if (target.requests.length > 1) response.end(JSON.stringify(known))
      else request.socket.destroy()
    }
    assert.deepEqual(await connect().findProduct({ body: { name: 'Lamp' } }, within(60_000)), known)
    target.requests.length = 0
    target.answer = () => undefined
    const hanging = connect({ timeout: 50 }).findProduct({ body: { name: 'Lamp' } }, within(60_000))
    await assert.rejects(hanging, away(/within 50 ms/))
    assert.equal(target.requests.length, 2)
  })

  it('sends the headers that a need names, and retries a request with an Idempotency-Key', async () => {
    target.answer = (_request, response) => {
      response.statusCode = target.requests.length < 2 ? 503 : 200
      response.end(JSON.stringify(known))
    }
    await connect().orderProduct({ headers: { 'idempotency-key': 'order-0001' } }, within(60_000))
    assert.deepEqual(
      target.requests.map(({ headers }) => headers['idempotency-key']),
      ['order-0001', 'order-0001']
    )
  })

  it('stops retries when their budget is used up', async () => {
    target.answer = fail(503)
    const calls = connect({ retryBudget: { ratio: 0.1, max: 3 } })
    const left = async () => (await metric('retry_budget'))[0]!.value
    assert.equal(await left(), 3)
    for (let call = 0; call < 4; call++) await assert.rejects(calls.getProduct(asked, within(60_000)), away(/503/))
    assert.equal(target.requests.length, 4 + 3)
    assert.equal(await left(), 0)
  })

  for (const status of [502, 504]) {
    it(`opens the circuit of all operations for a target that answers ${status} and closes it again`, async () => {
      target.answer = fail(status)
      const breaker = { threshold: 0.5, duration: 60_000, minimumRps: 5 / 60, halfOpenAfter: 200 }
      const calls = connect({ retries: 0, breaker })
      for (let call = 0; call < 5; call++) {
        await assert.rejects(calls.getProduct(asked, within(60_000)), away(new RegExp(String(status))))
      }
      await assert.rejects(calls.removeProduct(asked, within(60_000)), away(/circuit breaker is open/))
      assert.equal(target.requests.length, 5)
      assert.deepEqual(await openCircuits(), ['all'])
      assert.deepEqual(await outcomes(), { unavailable: 5, rejected: 1 })
      target.answer = (_, response) => response.end(JSON.stringify(known))
      await until(() => calls.getProduct(asked, within(60_000)).catch(() => undefined))
      assert.deepEqual(await openCircuits(), [])
    })
  }

  it('opens the circuit if enough attempts in a row fail, even if fewer than half of all attempts failed', async () => {
    target.answer = (_, response) => response.end(JSON.stringify(known))
    const breaker = { threshold: 0.5, duration: 60_000, minimumRps: 3 / 60, halfOpenAfter: 60_000 }
    const calls = connect({ retries: 0, breaker })
    for (let call = 0; call < 5; call++) await calls.getProduct(asked, within(60_000))
    target.answer = request => request.socket.destroy()
    for (let call = 0; call < 3; call++) {
      await assert.rejects(calls.getProduct(asked, within(60_000)), away(/ConnectionFailed/))
    }
    await assert.rejects(calls.getProduct(asked, within(60_000)), away(/circuit breaker is open/))
  })

  it('opens no circuit for a 503', async () => {
    target.answer = fail(503)
    const calls = connect({ retries: 0 })
    for (let call = 0; call < 25; call++) await assert.rejects(calls.getProduct(asked, within(60_000)), away(/503/))
    assert.equal(target.requests.length, 25)
    assert.deepEqual(await openCircuits(), [])
  })

  it('opens the circuit of one operation for its time-outs, and keeps the others closed', async () => {
    target.answer = (request, response) => request.method === 'DELETE' || response.end(JSON.stringify(known))
    const breaker = { threshold: 0.5, duration: 60_000, minimumRps: 3 / 60, halfOpenAfter: 60_000 }
    const calls = connect({ retries: 0, timeout: 50, breaker })
    for (let call = 0; call < 3; call++) {
      await assert.rejects(calls.removeProduct(asked, within(60_000)), away(/within 50 ms/))
    }
    await assert.rejects(calls.removeProduct(asked, within(60_000)), away(/circuit breaker is open/))
    assert.deepEqual(await openCircuits(), ['removeProduct'])
    assert.deepEqual(await calls.getProduct(asked, within(60_000)), known)
  })

  it('opens no circuit for requests that are never sent', async () => {
    const calls = connect({ retries: 0 })
    for (let call = 0; call < 25; call++) {
      const sending = calls.orderProduct({ headers: { 'idempotency-key': 'two\nlines' } }, within(60_000))
      await assert.rejects(sending, /invalid idempotency-key header/)
    }
    assert.deepEqual(await calls.getProduct(asked, within(60_000)), known)
  })

  it('does not open the circuit for callers with short deadlines', async () => {
    target.answer = () => undefined
    const breaker = { threshold: 0.5, duration: 1_000, minimumRps: 5, halfOpenAfter: 60_000 }
    const calls = connect({ retries: 0, breaker })
    const hurried = Array.from({ length: 20 }, () => calls.getProduct(asked, within(40)).catch(() => undefined))
    await Promise.all(hurried)
    target.answer = (_, response) => response.end(JSON.stringify(known))
    assert.deepEqual(await calls.getProduct(asked, within(60_000)), known)
  })

  it('leaves other operations half of the places and of the queue', async () => {
    const held: (() => void)[] = []
    target.answer = (request, response) => {
      if (request.method === 'GET') held.push(() => response.end(JSON.stringify(known)))
      else response.end(JSON.stringify(known))
    }
    const calls = connect({ concurrency: 4, queue: 4, timeout: 60_000 })
    const four = [1, 2, 3, 4].map(() => calls.getProduct(asked, within(60_000)))
    await until(() => held.length === 2)
    await assert.rejects(calls.getProduct(asked, within(60_000)), away(/Bulkhead capacity exceeded/))
    assert.deepEqual(await calls.orderProduct({ headers: { 'idempotency-key': 'order-0001' } }, within(60_000)), known)
    target.answer = (_, response) => response.end(JSON.stringify(known))
    for (const release of held) release()
    assert.deepEqual(await Promise.all(four), [known, known, known, known])
  })

  it('limits calls at once, lets some wait and refuses the rest', async () => {
    const held: (() => void)[] = []
    target.answer = (_, response) => held.push(() => response.end(JSON.stringify(known)))
    const calls = connect({ concurrency: 2, queue: 1, operationShare: 1, timeout: 60_000 })
    const three = [1, 2, 3].map(() => calls.getProduct(asked, within(60_000)))
    await until(() => held.length === 2)
    assert.equal((await metric('queue_length'))[0]!.value, 1)
    await assert.rejects(calls.getProduct(asked, within(60_000)), away(/Bulkhead capacity exceeded/))
    for (const release of held.splice(0)) release()
    await until(() => held.length === 1)
    held[0]!()
    assert.deepEqual(await Promise.all(three), [known, known, known])
    assert.equal((await metric('queue_length'))[0]!.value, 0)
  })

  it('starts the next attempt in the queue after one that was aborted', async () => {
    const held: (() => void)[] = []
    target.answer = (_, response) => held.push(() => response.end(JSON.stringify(known)))
    const calls = connect({ concurrency: 1, queue: 2, operationShare: 1, timeout: 60_000 })
    const first = calls.getProduct(asked, within(60_000))
    const hurried = calls.getProduct(asked, within(40))
    const last = calls.getProduct(asked, within(60_000))
    await assert.rejects(hurried, away(/No answer/))
    await until(() => held.length === 1)
    held[0]!()
    await until(() => held.length === 2)
    held[1]!()
    assert.deepEqual(await Promise.all([first, last]), [known, known])
  })

  it('rejects with a 503 if nothing listens at the address', async () => {
    const calls = connect()
    await target.stop()
    await assert.rejects(calls.getProduct(asked, within(60_000)), away(/ConnectionFailed/))
    assert.equal((await metric('retries_total'))[0]!.value, 2)
  })
})
