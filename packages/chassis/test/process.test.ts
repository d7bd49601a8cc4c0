import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rawRequest } from '@bulkhead/testing/raw-request'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { recordingLog, silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { serve } from '../src/service/process.ts'

const statusOf = (port: number, path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    get({ port, path, host: '127.0.0.1', agent: false }, response => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })

const config = {
  HOST: '127.0.0.1',
  PORT: 0,
  OPS_PORT: 0,
  LOG_LEVEL: 'silent' as const,
  DRAIN_SECONDS: 0,
  CONNECTION_SECONDS: 60,
  KEEP_ALIVE_SECONDS: 75,
  INSPECTION: false
}

describe('serve', () => {
  it('is not ready while it drains, and stops its events, its requests and its stores in this order', async () => {
    const steps: string[] = []
    let answerSlow: () => void = () => undefined
    const slowArrived = Promise.withResolvers<void>()
    const { port, managementPort, drain } = await serve({
      config: { ...config, DRAIN_SECONDS: 0.3 },
      app: (_request, response) => {
        answerSlow = () => response.end(() => steps.push('answered'))
        slowArrived.resolve()
      },
      log: silentLog,
      registry: new Registry(),
      stopWork: async () => {
        steps.push('events stopped')
        answerSlow()
      },
      close: async () => void steps.push('stores closed')
    })
    assert.equal(await statusOf(managementPort, '/readyz'), 200)
    assert.equal(await statusOf(managementPort, '/metrics'), 200)
    const slow = statusOf(port, '/')
    await slowArrived.promise
    const drained = drain()
    assert.equal(await statusOf(managementPort, '/readyz'), 503)
    assert.equal(await statusOf(managementPort, '/livez'), 200)
    await drained
    assert.equal(await slow, 200)
    assert.deepEqual(steps, ['events stopped', 'answered', 'stores closed'])
    await assert.rejects(statusOf(port, '/'), /ECONNREFUSED/)
  })

  it('ends although its work and its stores do not, and logs both', async () => {
    const { log, lines } = recordingLog()
    const never = () => new Promise<never>(() => undefined)
    const options = { config, app: () => undefined, log, registry: new Registry(), stepLimit: 50 }
    const { drain } = await serve({ ...options, stopWork: never, close: never })
    await drain()
    assert.deepEqual(
      lines.map(({ msg }) => String(msg).replace(/ within \d+ ms/, '')),
      [
        'draining',
        'Stopping the work did not end, and is given up',
        'Closing the stores did not end, and is given up',
        'stopped'
      ]
    )
  })

  for (const { line, status } of [
    { line: 'GET http://[/x HTTP/1.1', status: 400 },
    { line: 'GET http://ada@shop.example/x HTTP/1.1', status: 400 },
    { line: 'CONNECT shop.example:80 HTTP/1.1', status: 405 }
  ]) {
    it(`answers ${line} with ${status}, before the app sees it`, async () => {
      const app = () => assert.fail('It came to the app')
      const { port, drain } = await serve({ config, app, log: silentLog, registry: new Registry() })
      const answer = await rawRequest(port, `${line}\r\nHost: a\r\n\r\n`)
      assert.equal(Number(answer.split(' ')[1]), status)
      await drain()
    })
  }

  it('leaves no port open when the port of the API is in use', async () => {
    const options = { app: () => undefined, log: silentLog, registry: new Registry() }
    const { port, drain } = await serve({ ...options, config })
    const { managementPort, drain: freePorts } = await serve({ ...options, config })
    await freePorts()
    const taken = { ...config, PORT: port, OPS_PORT: managementPort }
    await assert.rejects(serve({ ...options, config: taken }), /EADDRINUSE/)
    await assert.rejects(statusOf(managementPort, '/livez'), /ECONNREFUSED/)
    await drain()
  })

  it('ends a connection that is older than the maximum age, after an answer', async () => {
    const { port, drain } = await serve({
      config: { ...config, CONNECTION_SECONDS: 0.1 },
      app: (_request, response) => response.end(),
      log: silentLog,
      registry: new Registry()
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const connection = () =>
      new Promise<string | undefined>((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent }, response => {
          response.resume().on('end', () => resolve(response.headers.connection))
        }).on('error', reject)
      })
    assert.equal(await connection(), 'keep-alive')
    await until(async () => (await connection()) === 'close')
    assert.equal(await connection(), 'keep-alive')
    agent.destroy()
    await drain()
  })
})

describe('drainOnSignal', () => {
  it('ends the process after all lines of the log are written in order', async () => {
    const fixture = join(import.meta.dirname, 'fixtures/drains.ts')
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
    const { stdout } = await promisify(execFile)(process.execPath, [fixture], { env })
    const messages = stdout.trim().split('\n')
    assert.deepEqual(
      messages.map(line => JSON.parse(line).msg),
      ['draining', 'stopped']
    )
  })
})

describe('runService', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with code 0 at a ${signal} while it starts`, async () => {
      const { ended, lines, stop } = serviceProcess(join(import.meta.dirname, 'fixtures/starts.ts'), {})
      await until(() => lines().some(({ msg }) => msg === 'building'))
      stop(signal)
      assert.deepEqual(await ended, [0, null])
      assert.equal(lines().at(-1)!.msg, 'stopped before it was ready')
    })
  }
})
