import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'

describe('the process of payments', () => {
  let mongo: MongoDatabase
  let redis: RedisDatabase
  before(async () => {
    mongo = await mongoDatabase()
    redis = await redisDatabase()
  })
  after(async () => {
    await redis.close()
    await mongo.close()
  })

  const run = (environment: Record<string, string>) =>
    serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      MONGODB_URL: mongo.url,
      EVENT_LOG_URL: redis.url,
      ORDERS_URL: 'http://127.0.0.1:1',
      SERVICE_TOKENS_DIR: '/none',
      ...environment
    })
  const sandbox = { SANDBOX_URL: 'http://127.0.0.1:1', SANDBOX_WEBHOOK_SECRET: 'a-secret-of-the-tests' }
  const stripe = { PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: 'sk_test_123', STRIPE_WEBHOOK_SECRET: 'whsec_1' }

  for (const [name, environment] of Object.entries({ sandbox, stripe })) {
    it(`is ready while its provider ${name} is unavailable, accepts only that provider's webhooks, and ends with code 0 at SIGTERM`, async () => {
      const { ready, stop, ended } = run(environment)
      const url = await ready()
      const webhook = (provider: string) =>
        fetch(`${url}/webhooks/${provider}`, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json' }
        })
      const other = name === 'stripe' ? 'sandbox' : 'stripe'
      assert.equal((await webhook(name)).status, 400)
      assert.equal((await webhook(other)).status, 404)
      stop()
      assert.deepEqual(await ended, [0, null])
    })
  }

  it('does not start without a variable of its provider, and names the variable', async () => {
    const { ended, written } = run({ PAYMENT_PROVIDER: 'stripe' })
    assert.equal((await ended)[0], 1)
    assert.match(written.error, /STRIPE_SECRET_KEY: Needed for stripe\n.*STRIPE_WEBHOOK_SECRET: Needed for stripe/)
  })
})
