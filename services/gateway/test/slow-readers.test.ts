import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { staff } from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import type { ProxyTimes } from '../src/proxy/times.ts'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const PATH = '/api/v1/things/things/1'
/** More bytes than the buffers of both connections can hold. */
const LARGE = Buffer.alloc(24 * 1024 * 1024)

const { header: STAFF } = staff()

describe('the gateway with slow clients', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let front: Awaited<ReturnType<typeof httpServer>>
  /** The large answers, at the service. */
  let answers: ServerResponse[]

  beforeEach(async () => {
    answers = []
    things = await stubService(operations)
    things.stub.answer = ({ method }, response) => {
      if (method !== 'GET') return response.end('{}')
      answers.push(response)
      response.end(LARGE)
    }
  })
  afterEach(async () => {
    await front.stop()
    await made.close()
    await things.stop()
  })

  const start = async (times: Partial<ProxyTimes> = {}) => {
    made = await startGateway({ things: things.stub.url }, { times })
    front = await httpServer(made.app)
  }

  /** Requests a large answer and reads none of it. */
  function open(): Socket {
    const socket = connect(front.port, '127.0.0.1').on('error', () => undefined)
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    return socket.pause()
  }

  /** Reads an answer to its end, with a pause after each part (ms). Resolves with the number of bytes. */
  async function read(socket: Socket, pause: number) {
    let bytes = 0
    for await (const part of socket) {
      bytes += part.length
      await setTimeout(pause)
    }
    return bytes
  }

  const remove = async () =>
    (await fetch(front.url + PATH, { method: 'DELETE', headers: { Authorization: STAFF } })).status

  it('continues an answer that the client reads steadily, even after the time limit for its start', async () => {
    await start({ read: 500, stall: 1_000 })
    const begin = performance.now()
    assert.ok((await read(open(), 5)) > LARGE.length)
    assert.ok(performance.now() - begin > 500, 'It was read too fast to show anything')
  })

  it('breaks off an answer that the client does not read, also at the service', async () => {
    await start({ stall: 300 })
    const socket = open()
    await until(() => answers.length === 1)
    if (!answers[0]!.destroyed) await once(answers[0]!, 'close')
    assert.equal(answers[0]!.writableFinished, false)
    assert.ok((await read(socket, 0)) < LARGE.length)
  })

  it('breaks off an answer that the client reads too slowly', async () => {
    await start({ answer: 500 })
    assert.ok((await read(open(), 20)) < LARGE.length)
  })

  it('breaks off an answer that stalls at the service', async () => {
    things.stub.answer = (_request, response) => response.write('half')
    await start({ stall: 300 })
    const answer = await fetch(front.url + PATH)
    await assert.rejects(answer.text(), /terminated/)
  })

  it('frees a place when an answer begins, and limits the open answers of a client', async () => {
    await start()
    const readers = Array.from({ length: 75 }, open)
    await until(() => answers.length === 25)
    assert.equal(await remove(), 200)
    assert.equal((await fetch(front.url + PATH)).status, 429)
    assert.equal(answers.length, 25)
    for (const reader of readers) reader.destroy()
    await until(async () => {
      const answer = await fetch(front.url + PATH)
      await answer.body!.cancel()
      return answer.status === 200
    })
  })

  it('answers a stalled upload with 408', async () => {
    await start({ uploadStall: 300 })
    const socket = connect(front.port, '127.0.0.1')
    const head = `POST /api/v1/things/imports HTTP/1.1\r\nHost: a\r\nAuthorization: ${STAFF}\r\nContent-Type: text/csv\r\n`
    socket.write(`${head}Content-Length: 100\r\n\r\na,b`)
    const [answer] = await once(socket, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 408 /)
    await once(socket.resume(), 'close')
  })
})
