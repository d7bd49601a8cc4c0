import assert from 'node:assert/strict'
import * as z from 'zod'
import { BadConfiguration, processConfig, readConfig } from '../src/core/config.ts'

describe('readConfig', () => {
  it('reads numbers from text and fills in defaults', () => {
    const { PORT, DRAIN_SECONDS } = readConfig(processConfig, { PORT: '81' })
    assert.deepEqual({ PORT, DRAIN_SECONDS }, { PORT: 81, DRAIN_SECONDS: 5 })
  })

  it('lists every problem at once and shows no value', () => {
    const schema = processConfig.extend({ REDIS_URL: z.url() })
    assert.throws(
      () => readConfig(schema, { PORT: '99999', REDIS_URL: 'secret' }),
      (error: unknown) =>
        error instanceof BadConfiguration &&
        /^PORT: /.test(error.problems[0]!) &&
        /^REDIS_URL: /.test(error.problems[1]!) &&
        !error.message.includes('secret')
    )
  })
})
