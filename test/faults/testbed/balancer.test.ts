import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { PATIENCE } from '@bulkhead/testing/until'
import { request } from 'undici'
import { balancer } from './balancer.ts'

/** How long an attempt lasts that must fail (ms). */
const TRY = 300

describe('the address of replicas', () => {
  let replica: Server
  let port: number
  let balancerOf: Awaited<ReturnType<typeof balancer>>
  before(async () => {
    replica = createServer(socket => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))
    })
    const inner = await listening(replica)
    const free = createServer()
    port = await listening(free)
    free.close()
    balancerOf = await balancer(port, () => [inner])
  })
  after(async () => {
    await balancerOf.close()
    replica.close()
  })

  async function ask(milliseconds = PATIENCE) {
    const { statusCode } = await request(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(milliseconds) })
    return statusCode
  }

  it('refuses connections while it is cut', async () => {
    assert.equal(await ask(), 200)
    balancerOf.cut()
    await assert.rejects(ask(), error => (error as Error).name !== 'TimeoutError')
    balancerOf.mend()
    assert.equal(await ask(), 200)
  })

  it('accepts connections while it is blocked, and never answers', async () => {
    balancerOf.block()
    await assert.rejects(ask(TRY), { name: 'TimeoutError' })
    balancerOf.mend()
    assert.equal(await ask(), 200)
  })

  it('passes nothing on in time while it is slow', async () => {
    balancerOf.slow(PATIENCE)
    await assert.rejects(ask(TRY), { name: 'TimeoutError' })
    balancerOf.mend()
    assert.equal(await ask(), 200)
  })

  it('resets connections while it loses requests', async () => {
    balancerOf.lose(1)
    await assert.rejects(ask(), { code: 'ECONNRESET' })
    balancerOf.mend()
    assert.equal(await ask(), 200)
  })
})

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
